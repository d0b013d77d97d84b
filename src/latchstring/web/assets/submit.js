// Sends forms that carry data-auto-submit on their way; without it there is the button.
for (const form of document.querySelectorAll("form[data-auto-submit]")) form.submit();
