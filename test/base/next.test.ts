// The next command, ready to be typed.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { completeHint, getApply, toCommand } from '../../src/base/next.ts'

describe('base/next', () => {
  const ROWS: [flags: object, command: string, text: string][] = [
    [{}, 'bootstrap', 'orion bootstrap'],
    [{ site: 'a.yaml', lab: true }, 'vm apply', 'orion vm apply --site a.yaml --lab'],
    [{ restart: true }, 'vm apply', 'orion vm apply --restart'],
    [{ restart: true }, 'verify', 'orion verify'],
    [{ lab: true, 'lab-dir': '/tmp/my lab' }, 'vm list', "orion vm list --lab-dir '/tmp/my lab'"],
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
    ['orion touches nothing of it', 'orion touches nothing of it'],
  ]
  for (const [hint, complete] of HINTS) {
    it(`completes: ${hint}`, () => {
      assert.equal(completeHint(hint, { concurrency: 8, site: 'a.yaml', lab: true }, 'orion'), complete)
    })
  }

  it('knows which command does what a plan shows', () => {
    assert.equal(getApply('bootstrap plan'), 'bootstrap')
    assert.equal(getApply('vm plan'), 'vm apply')
    assert.equal(getApply('vm stop'), undefined)
  })
})
