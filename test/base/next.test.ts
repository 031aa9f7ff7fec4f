// The next command, ready to be typed.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { completeHint, getApply, toCommand, withSuggestions } from '../../src/base/next.ts'

describe('base/next', () => {
  const ROWS: [flags: object, command: string, text: string][] = [
    [{}, 'bootstrap', 'orion bootstrap'],
    [{ site: 'a.yaml', lab: true }, 'vm apply', 'orion vm apply --site a.yaml --lab'],
    [{ restart: true }, 'vm apply', 'orion vm apply --restart'],
    [{ restart: true }, 'verify', 'orion verify'],
    [{ lab: true, 'lab-dir': '/tmp/my lab' }, 'vm list', "orion vm list --lab-dir '/tmp/my lab'"],
    [{ node: ['r730', 'n2'] }, 'net apply', 'orion net apply --node r730 --node n2'],
    [{ node: ['n2'] }, 'bootstrap access --renew', 'orion bootstrap access --renew --node n2'],
    [{ node: ['r730'], lab: true }, 'verify', 'orion verify --lab'],
    [{ only: ['k3s-*', 'redis'] }, 'vm apply', "orion vm apply --only 'k3s-*' --only redis"],
  ]
  for (const [flags, command, text] of ROWS) {
    it(text, () => assert.equal(toCommand({ concurrency: 8, ...flags }, command, 'orion'), text))
  }

  it('arrives at a shell as it was', () => {
    const site = fc.stringMatching(/^[^\0]+$/)
    fc.assert(
      fc.property(site, (word) => {
        const command = toCommand({ concurrency: 8, site: word }, 'vm plan', 'printf %s%s%s%s')
        assert.equal(execFileSync('sh', ['-c', command], { encoding: 'utf8' }), `vmplan--site${word}`)
      }),
      { numRuns: 40 },
    )
  })

  const HINTS: [hint: string, complete: string][] = [
    ['orion bootstrap', 'orion bootstrap --site a.yaml --lab'],
    ['orion vm apply --only k3s-worker-1', 'orion vm apply --only k3s-worker-1 --site a.yaml --lab'],
    [
      'create it first: orion vm apply --only redis',
      'create it first: orion vm apply --only redis --site a.yaml --lab',
    ],
    ['orion vm start redis; then look', 'orion vm start redis --site a.yaml --lab; then look'],
    ['orion net apply --node r730', 'orion net apply --node r730 --site a.yaml --lab'],
    ['build it: orion net apply, then try again', 'build it: orion net apply --site a.yaml --lab, then try again'],
    ['orion net undo r730 --list', 'orion net undo r730 --list --site a.yaml --lab'],
    ['orion net show tells more', 'orion net show --site a.yaml --lab tells more'],
    ['make one over SSH: orion bootstrap access', 'make one over SSH: orion bootstrap access --site a.yaml --lab'],
    ['orion bootstrap access --renew', 'orion bootstrap access --renew --site a.yaml --lab'],
    [
      'those that answer: orion bootstrap access --node n1 --node n2',
      'those that answer: orion bootstrap access --node n1 --node n2 --site a.yaml --lab',
    ],
    ['orion bootstrap access gives them, over SSH', 'orion bootstrap access --site a.yaml --lab gives them, over SSH'],
    ['orion touches nothing of it', 'orion touches nothing of it'],
  ]
  for (const [hint, complete] of HINTS) {
    it(`completes: ${hint}`, () => {
      assert.equal(completeHint(hint, { concurrency: 8, site: 'a.yaml', lab: true }, 'orion'), complete)
    })
  }

  it('completes what the error of a step suggests, and changes nothing else', () => {
    const error = { code: 'E_TASK', message: 'm', suggestions: ['orion net apply'] } as const
    const flags = { lab: true }
    const [done] = withSuggestions({ error }, flags).error?.suggestions ?? []
    assert.match(done ?? '', /net apply --lab$/)
    assert.deepEqual(withSuggestions({}, flags), {})
    assert.deepEqual(error.suggestions, ['orion net apply'])
  })

  it('knows which command does what a plan shows', () => {
    assert.equal(getApply('bootstrap plan'), 'bootstrap')
    assert.equal(getApply('vm plan'), 'vm apply')
    assert.equal(getApply('net plan'), 'net apply')
    assert.equal(getApply('vm stop'), undefined)
  })
})
