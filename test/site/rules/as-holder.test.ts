// A peer that is named after another holder than its AS number's.
import assert from 'node:assert/strict'
import { holderContradiction } from '../../../src/site/rules/as-holder.ts'

describe('holderContradiction', () => {
  const rows: [number, string, string | undefined][] = [
    [6939, 'upstream', undefined],
    [6939, 'telus', 'Hurricane Electric, not Telus'],
    [6939, 'Telus-Fibre', 'Hurricane Electric, not Telus'],
    [6939, 'telus2', 'Hurricane Electric, not Telus'],
    [6939, 'telusvancouver', 'Hurricane Electric, not Telus'],
    [6939, 'he', undefined],
    [6939, 'hurricane-electric', undefined],
    [6939, 'he-via-telus', undefined],
    [852, 'helsinki', undefined],
    [852, 'telus', undefined],
    [852, 'he', 'Telus, not Hurricane Electric'],
    [852, 'hurricane-electric', 'Telus, not Hurricane Electric'],
    [3320, 'deutsche-telekom', undefined],
    [6327, 'rogers', undefined],
    [64512, 'telus', undefined],
    [394955, 'telus', undefined],
  ]
  for (const [asn, name, want] of rows)
    it(`AS${asn} named ${name}: ${want ?? 'nothing to say'}`, () => {
      const found = holderContradiction(asn, name)
      assert.equal(found && `${found.holder}, not ${found.named}`, want)
    })
})
