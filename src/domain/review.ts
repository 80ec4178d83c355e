// Review comments that are handed to the next attempt at a change. People write them, and they may quote anything.

export interface ReviewComment {
  /** Id of the actor. */
  by: string
  kind: 'rejection' | 'comment'
  text: string
}

const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/

/** Every line of a comment starts with `> `, so that no comment can pass for one of another person. */
export function reviewText(comments: readonly ReviewComment[]): string {
  return comments
    .map(({ by, kind, text }) => {
      const lines = text.trim().split(LINE_BREAK)
      const verb = kind === 'rejection' ? 'rejected the change' : 'commented'
      return `${by} ${verb}:\n${lines.map((line) => `> ${line}`.trimEnd()).join('\n')}\n`
    })
    .join('\n')
}

/** The part of a prompt that hands the comments to an agent. `branch`: shows the files as they were reviewed. */
export function reviewPrompt(review: string, branch: string): string {
  return [
    'This is another attempt. The work tree already has the changes of the earlier attempt: they are staged, and the',
    `branch \`origin/${branch}\` shows them. Reviewers want them to be improved. Change what the comments ask for, and keep`,
    'the rest of the earlier changes. Each line of a comment starts with `>`.',
    '',
    '--- Review comments ---',
    '',
    review.trimEnd(),
    '',
    '--- End of the review comments ---',
    '',
  ].join('\n')
}
