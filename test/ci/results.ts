// What became of the test files, over one or more runs of mocha.

export interface FileResult {
  /** From the repository's root. */
  readonly file: string
  readonly passed: number
  readonly skipped: number
  readonly failures: readonly { readonly title: string; readonly message: string }[]
}

/** The results in a file of JSON lines, in its order. */
export const parseResults = (text: string): FileResult[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as FileResult)

const failed = ({ failures }: FileResult): boolean => failures.length > 0

/** The files that had a failure, each once. */
export const failedFiles = (results: readonly FileResult[]): string[] => [
  ...new Set(results.filter(failed).map(({ file }) => file)),
]

/**
 * What is said at the end: every failure again, those of files that were green in a second run apart, and the line
 * `N passed, N failed[, N skipped]`, in which the last run of each file counts. A run of mocha that failed without a
 * failing test (`broken`: how many) counts as a failure each.
 */
export function summary(
  results: readonly FileResult[],
  broken: number,
): { readonly text: string; readonly failed: number } {
  const last = new Map(results.map((result) => [result.file, result]))
  const sum = (of: (result: FileResult) => number): number => [...last.values()].reduce((all, one) => all + of(one), 0)
  const red = [...last.values()].filter(failed)
  const twice = failedFiles(
    results.filter((result) => !red.includes(result) && !red.some(({ file }) => file === result.file)),
  )
  const lines = (list: readonly FileResult[]): string[] =>
    list.flatMap(({ file, failures }) =>
      failures.map(({ title, message }) => `  ${file}: ${title}\n${indent(message)}`),
    )
  const failures = sum((result) => result.failures.length) + broken
  const skipped = sum((result) => result.skipped)
  return {
    failed: failures,
    text: [
      ...(twice.length ? ['', 'Failed, and passed when their files were run a second time:'] : []),
      ...lines(results.filter((result) => twice.includes(result.file) && failed(result))),
      ...(red.length ? ['', 'Failed:', ...lines(red)] : []),
      ...(broken ? ['', `Ended without a result: ${broken} ${broken === 1 ? 'run' : 'runs'} of mocha`] : []),
      '',
      `${sum((result) => result.passed)} passed, ${failures} failed${skipped ? `, ${skipped} skipped` : ''}`,
    ].join('\n'),
  }
}

const indent = (text: string): string => text.replace(/^/gm, '    ')
