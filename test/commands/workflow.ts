// Workflow files of CI systems for tests: their shell parts, and the commands of orion in them.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

interface Job {
  readonly steps?: readonly { readonly name?: string; readonly run?: string }[]
  readonly script?: readonly string[]
}

export interface Script {
  readonly job: string
  /** GitHub's name of the step; on GitLab the place in the list. */
  readonly name: string
  readonly text: string
}

/** Every shell part of templates/ci/NAME.yml, in order; GitHub runs each in a shell of its own. */
export function readScripts(name: 'github' | 'gitlab'): readonly Script[] {
  const file = fileURLToPath(new URL(`../../templates/ci/${name}.yml`, import.meta.url))
  const document = parse(readFileSync(file, 'utf8'), { strict: true, uniqueKeys: true })
  const jobs = Object.entries<Job>(name === 'github' ? document.jobs : document)
  return jobs.flatMap(([job, { steps = [], script = [] }]) => [
    ...steps.flatMap(({ name: step = '', run }) => (run === undefined ? [] : [{ job, name: step, text: run }])),
    ...script.map((text, at) => ({ job, name: `${at}`, text })),
  ])
}

/** The words of each `orion …` in a shell text, up to what the shell takes for itself. */
export function readCommands(text: string): readonly (readonly string[])[] {
  const lines = text.replaceAll('\\\n', ' ').split(/[\n;|&]+/)
  return lines.flatMap((line) => {
    const [, words] = /(?:^|\s)orion ((?:[^\s<>]+ ?)+)/.exec(line) ?? []
    return words === undefined ? [] : [words.trim().split(/ +/)]
  })
}
