// What is wrong with a command line, in orion's words: the framework's own errors, by its own parser.
import assert from 'node:assert/strict'
import { Args, Flags, Parser } from '@oclif/core'
import { settleWithin } from '../../src/base/flags.ts'
import { toUsageError } from '../../src/base/usage.ts'
import { OrionError } from '../../src/errors.ts'

const flags = {
  format: Flags.string({ options: ['svg', 'html'] }),
  limit: Flags.integer({ min: 1, max: 64 }),
  lots: Flags.string({ multiple: true, options: ['a', 'b'] }),
  site: Flags.string(),
  timeout: settleWithin,
  list: Flags.boolean({ exclusive: ['yes', 'snapshot'] }),
  yes: Flags.boolean({ exclusive: ['list'] }),
  snapshot: Flags.string(),
  psk: Flags.boolean({ dependsOn: ['site'] }),
}
const args = { name: Args.string({ required: true, description: 'Name of the guest.' }) }

/** What the parser throws, as it is said. */
async function say(argv: readonly string[], more: object = {}): Promise<OrionError> {
  const input = { flags: { ...flags, ...more }, args, strict: true, context: {} }
  try {
    await Parser.parse([...argv], input as never)
  } catch (error) {
    const said = toUsageError(error as Error, { command: 'vm rollback', flags: [...Object.keys(flags), 'json'] })
    assert.ok(said instanceof OrionError, String(said))
    return said
  }
  throw new Error('it was parsed')
}

const rows: readonly [what: string, argv: readonly string[], message: string, more?: object][] = [
  ['a flag that there is not', ['a', '--nope'], 'orion vm rollback has no flag --nope'],
  ['one that is nearly one', ['a', '--sit=x'], 'orion vm rollback has no flag --sit (did you mean "--site"?)'],
  ['two', ['a', '--nope', '--jsn'], 'orion vm rollback has no flag --nope, and no flag --jsn (did you mean "--json"?)'],
  ['no argument', [], 'orion vm rollback wants NAME: Name of the guest.'],
  ['too many', ['a', 'b', 'c'], 'orion vm rollback takes no argument b, c'],
  ['a value of another list', ['a', '--format', 'png'], '--format wants one of svg, html, and not png'],
  ['one of several', ['a', '--lots', 'a', '--lots', 'c'], '--lots wants one of a, b, and not c'],
  ['no number', ['a', '--limit', 'x'], '--limit wants a whole number, and not x'],
  ['too much', ['a', '--limit', '99'], '--limit wants 64 at most, and not 99'],
  ['too little', ['a', '--limit', '0'], '--limit wants 1 at least, and not 0'],
  ['our own', ['a', '--timeout', '2d'], '--timeout wants a duration from 0s to 1h, such as 30s or 5m, and not 2d'],
  ['no value', ['a', '--site'], '--site wants a value'],
  ['given twice', ['a', '--site', 'b', '--site', 'c'], '--site can be given only once'],
  ['what excludes each other', ['a', '--list', '--yes'], '--list does not go together with --yes'],
  [
    'several things',
    ['a', '--psk', '--list', '--yes'],
    '--list does not go together with --yes; --psk wants --site, too',
  ],
  ['what needs another', ['a', '--psk'], '--psk wants --site, too'],
  ['what is required', ['a'], 'orion vm rollback wants --need', { need: Flags.string({ required: true }) }],
]

describe('base/usage', () => {
  for (const [what, argv, message, more] of rows)
    it(what, async () => {
      const { code, message: said, suggestions } = await say(argv, more)
      assert.equal(said, message)
      assert.equal(code, 'E_USAGE')
      assert.deepEqual(suggestions, ['orion vm rollback --help'])
    })

  it('an argument of another list', async () => {
    const input = { flags: {}, args: { what: Args.string({ options: ['status'] }) }, strict: true, context: {} }
    const error = await Parser.parse(['foo'], input as never).catch((one: Error) => one)
    const said = toUsageError(error as Error, { command: 'bgp migrate', flags: [] })
    assert.equal(said?.message, 'orion bgp migrate wants one of status, and not foo')
  })

  it('is not what went wrong elsewhere', () => {
    assert.equal(toUsageError(new Error('boom'), { command: 'vm plan', flags: [] }), undefined)
    assert.equal(toUsageError(new OrionError('no', { code: 'E_LAB' }), { command: 'vm plan', flags: [] }), undefined)
    const exit = Object.assign(new Error('EEXIT: 0'), { code: 'EEXIT', oclif: { exit: 0 } })
    assert.equal(toUsageError(exit, { command: 'vm plan', flags: [] }), undefined)
  })
})
