// Text from outside in Markdown (GitHub's and GitLab's): as code, so that nothing in it is obeyed, linked or told to anybody.
import { clean } from './text.ts'

/** A code span: nothing within it is Markdown, HTML, a mention or a reference. In a table no `|` may be in it. Pure. */
export function toCode(text: string): string {
  const bare = clean(text).trim()
  if (bare === '') return ''
  const ticks = '`'.repeat(getLongest(bare) + 1)
  const margin = bare.startsWith('`') || bare.endsWith('`') ? ' ' : ''
  return ticks + margin + bare + margin + ticks
}

/** Lines as a fenced block, whose fence is longer than any that is within. Pure. */
export function toFence(language: 'diff' | 'text', lines: readonly string[]): string[] {
  const ticks = '`'.repeat(Math.max(3, ...lines.map((line) => getLongest(line) + 1)))
  return [ticks + language, ...lines.map((line) => clean(line).trimEnd()), ticks]
}

/** One line as HTML text. Pure. */
export function toHtml(text: string): string {
  return clean(text).replaceAll(/[&<>"'`|@#:]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A remark that is not shown, by which a program finds its own comment again. Pure. */
export function toComment(text: string): string {
  return `<!-- ${clean(text)
    .replaceAll(/[^\w .-]/g, '')
    .replaceAll(/-{2,}/g, '-')} -->`
}

/** The longest run of backticks. */
function getLongest(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
}
