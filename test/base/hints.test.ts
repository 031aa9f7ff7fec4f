// Commands that orion tells people to type, in error pages, hints and elsewhere: each exists, with its flags, and is completed as a whole.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from '@oclif/core/command'
import { ERROR_PAGES } from '../../src/base/error-pages.ts'
import { completeHint } from '../../src/base/next.ts'
import { didYouMean } from '../../src/site/nearest.ts'

const SRC = fileURLToPath(new URL('../../src/', import.meta.url))
const files = (readdirSync(SRC, { recursive: true }) as string[]).filter((path) => path.endsWith('.ts'))

/** `orion` and words, and the flags right behind them; a name that is filled in ends it. */
const TYPED = /\borion ((?:[a-z]+(?: (?=[a-z])|(?!\w)))+)((?: --[a-z-]+)*)( \$\{)?/g
/** What sentences say of `orion bootstrap`. */
const PROSE = new Set(['bootstrap makes', 'bootstrap asks'])

const withoutComments = (text: string) => text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '')

describe('commands that people are told to type', () => {
  const commands = new Map<string, typeof Command>()
  before(async () => {
    for (const path of files.filter((one) => one.startsWith('commands/'))) {
      const id = path.replace(/^commands\/|(?:\/index)?\.ts$/g, '').replaceAll('/', ' ')
      const { default: command } = (await import(`${SRC}${path}`)) as { default: typeof Command }
      commands.set(id, command)
    }
    assert.ok(commands.size > 40, String(commands.size))
  })

  /** What is wrong with them. Strict: also a word that only looks like a command, as `orion keeps` does in prose. */
  const judge = (text: string, isStrict = false): string[] => {
    const firsts = [...new Set([...commands.keys()].map((id) => id.split(' ')[0] ?? ''))]
    return [...text.matchAll(TYPED)].flatMap(([all, said = '', flags = '', open]) => {
      const words = said.trim().split(' ')
      const [first = '', second = ''] = words
      if (!firsts.includes(first)) return isStrict && didYouMean(first, firsts) ? [`${all}: no such command`] : []
      const id = words.map((_, at) => words.slice(0, words.length - at).join(' ')).find((one) => commands.has(one))
      if (id === undefined) return open ? [] : [`${all}: no such command`]
      const known = { ...commands.get(id)?.baseFlags, ...commands.get(id)?.flags }
      const wrong = flags
        .split(' ')
        .filter((flag) => flag !== '' && flag !== '--json' && !Object.hasOwn(known, flag.slice(2)))
      const isOther = id === first && words.length > 1 && id === 'bootstrap' && !PROSE.has(`${first} ${second}`)
      return [...wrong.map((flag) => `${all}: no flag ${flag}`), ...(isOther ? [`${all}: no such command`] : [])]
    })
  }

  it('are told from others', () => {
    assert.deepEqual(
      judge('orion vm list --only, orion verify shows it, orion looks first, orion bgp $' + '{which}'),
      [],
    )
    for (const text of ['orion vm lst', 'orion bootstrap acess', 'orion verfy', 'orion vm list --onyl', 'orion net'])
      assert.equal(judge(text, true).length, 1, text)
  })

  it('exist, in every text of orion', () => {
    const wrong = files.flatMap((path) =>
      judge(withoutComments(readFileSync(`${SRC}${path}`, 'utf8'))).map((what) => `${path}: ${what}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('exist, in every page of an error', () => {
    const pages = Object.values(ERROR_PAGES).flatMap(({ meaning, causes, remedies }) => [
      meaning,
      ...causes,
      ...remedies,
    ])
    assert.ok(pages.some((text) => /orion bootstrap access/.test(text)))
    assert.deepEqual(
      pages.flatMap((text) => judge(text, true)),
      [],
    )
  })

  it('are completed behind all of their words', () => {
    const own = [...commands].filter(([id]) => id !== 'lab' && id !== 'help').map(([id]) => `orion ${id}`)
    for (const text of own) assert.equal(completeHint(text, { lab: true }, 'orion'), `${text} --lab`)
  })
})
