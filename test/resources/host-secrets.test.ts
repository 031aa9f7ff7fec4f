// Secrets of a host's files: all that cannot be read at once, and none of them in an error.
import assert from 'node:assert/strict'
import { OrionError } from '../../src/errors.ts'
import type { Outside } from '../../src/resource.ts'
import { NOTHING } from '../../src/resources/host-facts.ts'
import { readSecrets, withoutSecrets } from '../../src/resources/host-secrets.ts'
import { fakeHost } from './fake-host.ts'

const REFERENCES = { a: { env: 'A' }, b: { env: 'B' }, c: { env: 'C' } } as const

function outsideOf(secret: Outside['secret']): Outside {
  const { secret: _, ...rest } = fakeHost().outside
  return secret === undefined ? rest : { ...rest, secret }
}

const failing = (errors: Readonly<Record<string, Error>>) =>
  outsideOf(async (reference) => {
    const name = 'env' in reference ? reference.env : ''
    const error = errors[name]
    if (error) throw error
    return `value of ${name}`
  })

const unset = (name: string) =>
  new OrionError(`${name} is not set`, { code: 'E_SECRET', suggestions: [`export ${name}=…`] })

describe('resources/host-secrets', () => {
  it('reads them by their names', async () => {
    const values = await readSecrets('x of router', REFERENCES, failing({}))
    assert.deepEqual(
      [...values],
      [
        ['a', 'value of A'],
        ['b', 'value of B'],
        ['c', 'value of C'],
      ],
    )
    assert.equal((await readSecrets('x of router', {}, outsideOf(undefined))).size, 0)
  })

  it('says of all that cannot be read, and what to do about each', async () => {
    const outside = failing({ A: unset('A'), C: unset('C') })
    await assert.rejects(readSecrets('x of router', REFERENCES, outside), (error: unknown) => {
      assert.ok(error instanceof OrionError)
      assert.deepEqual([error.code, error.exit, error.message], ['E_SECRET', 2, 'A is not set; C is not set'])
      assert.deepEqual(error.suggestions, ['export A=…', 'export C=…'])
      return true
    })
  })

  it('says it once where there is no way to read any', async () => {
    const message = 'x of router needs a secret, and there is no way to read it'
    await assert.rejects(readSecrets('x of router', REFERENCES, outsideOf(undefined)), { code: 'E_SECRET', message })
  })

  it('does not take an interruption for a secret that is missing', async () => {
    const stopped = new OrionError('stopped', { code: 'E_INTERRUPTED' })
    for (const errors of [
      { A: unset('A'), B: stopped },
      { A: stopped, B: unset('B') },
    ])
      await assert.rejects(readSecrets('x of router', REFERENCES, failing(errors)), stopped)
  })

  it('takes every secret out of an error, with its cause', async () => {
    const seen = {
      ...NOTHING,
      secrets: new Map([
        ['a', 'hunter2'],
        ['b', ''],
        ['c', 'open sesame'],
      ]),
    }
    const cause = new Error('hunter2')
    const error = new OrionError('line 3: hunter2, line 4: open sesame, hunter2', { code: 'E_GUARD_REFUSED', cause })
    await assert.rejects(
      withoutSecrets(seen, () => Promise.reject(error)),
      (hidden: unknown) => {
        assert.ok(hidden instanceof OrionError)
        assert.deepEqual(
          [hidden.message, hidden.code, hidden.cause],
          ['line 3: ***, line 4: ***, ***', 'E_GUARD_REFUSED', undefined],
        )
        assert.doesNotMatch(String(hidden.stack), /hunter|sesame/)
        return true
      },
    )
  })

  it('leaves what repeats none as it is, and takes an error of others for one of a command', async () => {
    const seen = { ...NOTHING, secrets: new Map([['a', 'hunter2']]) }
    const plain = new Error('something else')
    await assert.rejects(
      withoutSecrets(seen, () => Promise.reject(plain)),
      plain,
    )
    await assert.rejects(
      withoutSecrets(seen, () => Promise.reject(new Error('hunter2!'))),
      { code: 'E_HOST_COMMAND', message: '***!' },
    )
    assert.equal(await withoutSecrets(seen, async () => 'fine'), 'fine')
  })
})
