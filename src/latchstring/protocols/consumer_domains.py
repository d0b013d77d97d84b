"""Domains under which anybody can have an e-mail address, so that they are no organization's own (contract 4.2).

Written down by hand, from what mail providers say of themselves; no such list is ever complete. It is a guard against a
slip of the hand, not the proof: whoever gets a record into the DNS of a mail provider is that provider.
"""

from __future__ import annotations

# Providers that sell the same service in many countries: the name, and under what.
_EVERYWHERE = {
    "yahoo": "com ca de es fr in it ie se no dk gr at ch be nl pl ro co.uk co.in co.id co.jp co.kr co.nz co.th co.za "
    "com.ar com.au com.br com.co com.hk com.mx com.my com.pe com.ph com.sg com.tr com.tw com.vn",
    "hotmail": "com be ca ch co.il co.jp co.kr co.nz co.th co.uk co.za com.ar com.au com.br com.hk com.mx com.tr "
    "com.tw cz de dk es fi fr gr hu it my nl no ph rs se sg",
    "outlook": "com at be cl cz de dk es fr hu ie in it jp kr lv my pe ph pt sa sg sk co.id co.il co.nz co.th com.ar "
    "com.au com.br com.gr com.tr com.vn",
    "live": "com at be ca cl cn co.kr co.uk co.za com.ar com.au com.mx com.my com.pt com.sg de dk fi fr hk ie in it jp "
    "nl no ph ru se",
    "gmx": "at ch co.uk com de es eu fr info it li net org tm us",
    "yandex": "by com com.tr ee fr kz lt lv md ru tj ua uz",
    "zoho": "com eu in",
    "tuta": "com io",
    "tutanota": "com de",
    "aol": "com de es fr it nl pl se co.uk co.jp com.au com.br com.mx",
    "freenet": "de",
    "mailbox": "org",
    "virgilio": "it",
    "tiscali": "it co.uk",
    "rediff": "com",
    "rediffmail": "com",
}
_OTHERS = """
    126.com 139.com 163.com 163.net 188.com 189.cn 1und1.de 21cn.com abv.bg alice.it aliyun.com aim.com arcor.de
    att.net bell.net bellsouth.net bigpond.com bigpond.net.au bigmir.net bk.ru blueyonder.co.uk bluewin.ch bol.com.br
    btinternet.com btopenworld.com centrum.cz centurylink.net charter.net club-internet.fr comcast.net cox.net
    daum.net dbmail.com duck.com earthlink.net eircom.net email.com email.cz email.de embarqmail.com eml.cc
    fastmail.com fastmail.fm firemail.de foxmail.com free.fr freemail.hu frontier.com frontiernet.net gawab.com
    gmail.com googlemail.com guerrillamail.com hanmail.net hetnet.nl hey.com hushmail.com i.ua icloud.com ig.com.br
    iinet.net.au inbox.com inbox.lv inbox.ru interia.eu interia.pl inwind.it iol.it juno.com kakao.com kpnmail.nl
    kolabnow.com laposte.net lavabit.com libero.it list.ru lycos.com mac.com mail.bg mail.com mail.de mail.ee mail.ru
    mailfence.com mailinator.com mailo.com me.com msn.com mynet.com myyahoo.com nate.com naver.com neuf.fr netzero.net
    ntlworld.com numericable.fr o2.co.uk o2.pl onet.eu onet.pl online.de online.no optonline.net optusnet.com.au
    orange.fr passport.com planet.nl pm.me posteo.de posteo.net privaterelay.appleid.com prodigy.net.mx
    proton.me protonmail.ch protonmail.com qq.com rambler.ru riseup.net rocketmail.com rogers.com runbox.com
    sapo.pt sasktel.net sbcglobal.net seznam.cz sfr.fr shaw.ca sina.cn sina.com skynet.be sky.com sohu.com startmail.com
    swbell.net sympatico.ca t-online.de talktalk.net telenet.be telus.net terra.com.br terra.es tin.it tom.com
    trashmail.com tut.by ukr.net uol.com.br users.noreply.github.com verizon.net videotron.ca vip.163.com vip.qq.com
    virginmedia.com vodafone.it volny.cz walla.co.il wanadoo.fr web.de windowslive.com windstream.net wp.pl xs4all.nl
    xtra.co.nz yeah.net yopmail.com ymail.com zonnet.nl ziggo.nl zoznam.sk
"""

CONSUMER_DOMAINS = frozenset(
    {
        *_OTHERS.split(),
        *(f"{name}.{suffix}" for name, suffixes in _EVERYWHERE.items() for suffix in suffixes.split()),
    }
)
