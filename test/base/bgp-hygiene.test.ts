// orion bgp hygiene: exit 3 while a rule that is on is not kept; the document.
import assert from 'node:assert/strict'
import { showHygiene } from '../../src/base/bgp-hygiene.ts'
import type { Session } from '../../src/base/session.ts'
import { OrionError } from '../../src/errors.ts'

const row = (live: boolean) =>
  ({ rule: 'own-prefix', title: 'own prefixes', state: 'on', why: '', standard: 'RFC 7454', live }) as const
const session = { site: { name: 'Lab' }, outside: {} } as unknown as Session

describe('base/bgp-hygiene', () => {
  for (const [title, live, exit] of [
    ['all kept', [true, true], 0],
    ['one is not kept', [true, false], 3],
    ['no rules', [], 0],
  ] as const)
    it(`${title}: exit ${exit}`, async () => {
      const report = { router: 'router', daemon: 'bird', rows: live.map(row), irr: [] } as const
      const result = await showHygiene({ session, json: true }, async () => report)
      assert.deepEqual(result, { exit, document: { site: 'Lab', ...report } })
    })

  it('is the error of the router where it cannot be read', async () => {
    const error = new OrionError('router (VM 200 on n1) is stopped', { code: 'E_HOST_UNREACHABLE' })
    await assert.rejects(
      showHygiene({ session, json: true }, () => Promise.reject(error)),
      error,
    )
  })
})
