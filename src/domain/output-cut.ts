// Output over its limit is kept from both ends. Where it is shown as one text, this stands in the gap.

/** A line of its own, wherever the bytes before it end. */
export function cutMarker(omitted: number): string {
  return `\n[Glovebox: ${omitted} bytes were not kept here: the step wrote more than its output limit]\n`
}
