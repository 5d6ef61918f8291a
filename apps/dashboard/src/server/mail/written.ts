/** One mail: a few sentences and one link. */
export interface Mail {
  /** The address alone. */
  readonly to: string;
  readonly subject: string;
  /** What it is about, in one or two sentences. May hold names that people gave themselves. */
  readonly text: string;
  readonly link: { readonly label: string; readonly url: string };
  /** What to know about the link, said below it. */
  readonly note: string;
}

/** The plain text, with the link on a line of its own. */
export function asText({ text, link, note }: Mail): string {
  return `${text}\n\n${link.label}:\n${link.url}\n\n${note}\n`;
}

/**
 * The same for programs that show HTML: no picture, nothing loaded from anywhere, and the address in sight, so that
 * whoever is careful can read where the button leads.
 */
export function asHtml({ subject, text, link, note }: Mail): string {
  const url = escaped(link.url);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1c1917;background:#ffffff">
<div style="max-width:32rem;margin:0 auto">
<p>${escaped(text)}</p>
<p><a href="${url}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600">${escaped(link.label)}</a></p>
<p style="word-break:break-all;font-size:14px;color:#57534e">${url}</p>
<p style="font-size:14px;color:#57534e">${escaped(note)}</p>
</div>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
