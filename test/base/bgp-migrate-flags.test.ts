// How long a move is watched and may wait for its confirmation, and what makes no sense.
import assert from 'node:assert/strict'
import { refuseNonsense, toMoveSeconds, toWatchSeconds } from '../../src/base/bgp-migrate-flags.ts'
import { OrionError } from '../../src/errors.ts'

const isUsage = (error: unknown) => error instanceof OrionError && error.code === 'E_USAGE'

describe('base/bgp-migrate-flags', () => {
  for (const [text, seconds] of [
    ['0', 0],
    ['1m', 60],
    ['48h', 172_800],
    ['7d', 604_800],
  ] as const)
    it(`--watch ${text}`, async () => assert.equal(await toWatchSeconds(text), seconds))

  for (const text of ['', '1', '59s', '-1h', '1.5h', '8d', '48 h', 'long', '0x10h'])
    it(`--watch '${text}' is none`, () => assert.rejects(toWatchSeconds(text), isUsage))

  it('--confirm-within leaves time for the way back', async () => {
    assert.equal(await toMoveSeconds('10s'), 10)
    assert.equal(await toMoveSeconds('80'), 80)
    for (const text of ['0', '9s', '81s', '2m', 'x']) await assert.rejects(toMoveSeconds(text), isUsage)
  })

  for (const [asked, says] of [
    [{ status: false }, /--to says/],
    [{ status: true, to: 'bird' }, /leave out/],
    [{ status: true, step: 'check' }, /leave out/],
    [{ status: true, lab: true }, /no GoBGP/],
    [{ status: false, to: 'gobgp', 'lab-dir': '/tmp/x' }, /no GoBGP/],
  ] as const)
    it(`refuses ${JSON.stringify(asked)}`, () =>
      assert.throws(
        () => refuseNonsense(asked),
        (error: Error) => isUsage(error) && says.test(error.message),
      ))

  for (const [asked, hint] of [
    [{ status: true, lab: true }, /orion bgp migrate status /],
    [{ status: false, to: 'bird', lab: true }, /orion bgp migrate --to bird --step check /],
  ] as const)
    it(`names what works without the lab: ${JSON.stringify(asked)}`, () =>
      assert.throws(
        () => refuseNonsense(asked),
        (error: Error & { suggestions?: readonly string[] }) => hint.test(error.suggestions?.[0] ?? ''),
      ))

  it('lets the rest pass', () => {
    refuseNonsense({ status: true, site: 'orion.yaml' })
    refuseNonsense({ status: false, to: 'bird', step: 'watch' })
  })
})
