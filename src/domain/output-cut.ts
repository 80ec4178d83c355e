// The marker for omitted output: of output over its limit both ends are kept, and text views show this marker between
// them.

/** Starts with a line feed, so that the marker is always a line of its own. */
export function cutMarker(omitted: number): string {
  return `\n[Glovebox: ${omitted} bytes were not kept here: the step wrote more than its output limit]\n`
}
