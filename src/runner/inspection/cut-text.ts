const MAX_CHARS = 300

/** A text that is cut says so. */
export function cutText(text: string, max = MAX_CHARS): string {
  return text.length <= max ? text : `${text.slice(0, max).toWellFormed()}… (${text.length} characters)`
}
