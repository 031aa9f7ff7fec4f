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
    [{ 'accept-irr': true }, 'bgp apply', 'orion bgp apply --accept-irr'],
    [{ 'accept-irr': true }, 'verify', 'orion verify'],
    [{ lab: true, 'lab-dir': '/tmp/my lab' }, 'vm list', "orion vm list --lab-dir '/tmp/my lab'"],
    [{ node: ['r730', 'n2'] }, 'net apply', 'orion net apply --node r730 --node n2'],
    [{ node: ['n2'], lab: true }, 'keeper apply', 'orion keeper apply --node n2 --lab'],
    [{ node: ['n2'] }, 'bootstrap access --renew', 'orion bootstrap access --renew --node n2'],
    [{ gateway: ['van-1', 'kel-1'] }, 'mesh apply', 'orion mesh apply --gateway van-1 --gateway kel-1'],
    [{ gateway: ['van-1'] }, 'verify', 'orion verify'],
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
    [
      'brain has it: orion gpu move rtx-3090 district',
      'brain has it: orion gpu move rtx-3090 district --site a.yaml --lab',
    ],
    ['orion gpu apply --node n1 --reboot now', 'orion gpu apply --node n1 --reboot now --site a.yaml --lab'],
    ['orion keeper undo n1 --list', 'orion keeper undo n1 --list --site a.yaml --lab'],
    ['orion keeper apply --node n1', 'orion keeper apply --node n1 --site a.yaml --lab'],
    ['Do it: orion keeper predict --migrate', 'Do it: orion keeper predict --migrate --site a.yaml --lab'],
    ['orion bgp undrain upstream, then look', 'orion bgp undrain upstream --site a.yaml --lab, then look'],
    ['orion bgp migrate --to gobgp', 'orion bgp migrate --to gobgp --site a.yaml --lab'],
    [
      'if that is right: orion bgp apply --accept-irr',
      'if that is right: orion bgp apply --accept-irr --site a.yaml --lab',
    ],
    ['orion net show tells more', 'orion net show --site a.yaml --lab tells more'],
    ['make one over SSH: orion bootstrap access', 'make one over SSH: orion bootstrap access --site a.yaml --lab'],
    ['orion bootstrap access --renew', 'orion bootstrap access --renew --site a.yaml --lab'],
    [
      'those that answer: orion bootstrap access --node n1 --node n2',
      'those that answer: orion bootstrap access --node n1 --node n2 --site a.yaml --lab',
    ],
    ['orion bootstrap access gives them, over SSH', 'orion bootstrap access --site a.yaml --lab gives them, over SSH'],
    ['orion mesh rotate fra-1~kel-1, then look', 'orion mesh rotate fra-1~kel-1 --site a.yaml --lab, then look'],
    ['after this run: orion mesh apply again', 'after this run: orion mesh apply --site a.yaml --lab again'],
    ['orion mesh undo van-1 --list', 'orion mesh undo van-1 --list --site a.yaml --lab'],
    ['orion bootstrap join van-2', 'orion bootstrap join van-2 --site a.yaml --lab'],
    ['orion mesh status', 'orion mesh status --site a.yaml --lab'],
    ['To see it: orion mesh status rey-1', 'To see it: orion mesh status rey-1 --site a.yaml --lab'],
    ['orion touches nothing of it', 'orion touches nothing of it'],
  ]
  for (const [hint, complete] of HINTS) {
    it(`completes: ${hint}`, () => {
      assert.equal(completeHint(hint, { concurrency: 8, site: 'a.yaml', lab: true }, 'orion'), complete)
    })
  }

  it('completes what a waiting difference suggests', () => {
    const step = { waits: [{ field: 'hostpci0', hint: 'orion gpu apply --node n1' }, { field: 'cores' }] }
    assert.deepEqual(withSuggestions(step, { lab: true }).waits, [
      { field: 'hostpci0', hint: 'orion gpu apply --node n1 --lab' },
      { field: 'cores' },
    ])
  })

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
    assert.equal(getApply('bootstrap apply'), 'bootstrap')
    assert.equal(getApply('vm plan'), 'vm apply')
    assert.equal(getApply('net plan'), 'net apply')
    assert.equal(getApply('keeper plan'), 'keeper apply')
    assert.equal(getApply('mesh plan'), 'mesh apply')
    assert.equal(getApply('gpu plan'), 'gpu apply')
    assert.equal(getApply('gpu move rtx-3090 brain'), 'gpu move rtx-3090 brain')
    assert.equal(getApply('vm stop'), undefined)
  })
})
