const MAX_CHARS = 300

/** Cuts a long text and appends its full length. */
export function cutText(text: string, max = MAX_CHARS): string {
  return text.length <= max ? text : `${text.slice(0, max).toWellFormed()}… (${text.length} characters)`
}
