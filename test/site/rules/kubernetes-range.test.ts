// The service and pod ranges of K3s.
import assert from 'node:assert/strict'
import { kubernetesRanges } from '../../../src/site/rules/kubernetes-range.ts'
import { network, site, told } from '../site-builder.ts'

describe('kubernetesRanges', () => {
  const rows: [string, string, string | undefined][] = [
    ['services', 'fd00::/64', 'fd00::/64 is too wide for services of K3s: /108 or longer'],
    ['services', 'fd00::/107', 'fd00::/107 is too wide for services of K3s: /108 or longer'],
    ['services', 'fd00::/108', undefined],
    ['services', 'fd00::/112', undefined],
    ['services', 'fd00::/127', 'fd00::/127 is too small for services of K3s: /126 or shorter'],
    ['services', '10.43.0.0/16', undefined],
    ['services', '10.0.0.0/8', '10.0.0.0/8 is too wide for services of K3s: /12 or longer'],
    ['services', '10.43.0.0/31', '10.43.0.0/31 is too small for services of K3s: /30 or shorter'],
    ['pods', 'fd00::/48', undefined],
    ['pods', 'fd00::/64', undefined],
    ['pods', 'fd00::/112', undefined],
    ['pods', 'fd00::/113', 'fd00::/113 leaves no room for a range of pods per node: /112 or shorter'],
    ['pods', '10.42.0.0/16', undefined],
    ['pods', '10.42.0.0/25', '10.42.0.0/25 leaves no room for a range of pods per node: /24 or shorter'],
    ['lan', 'fd00::/127', undefined],
  ]
  for (const [name, cidr, want] of rows)
    it(`${name} ${cidr}: ${want === undefined ? 'good' : 'an error'}`, () => {
      const key = cidr.includes(':') ? 'ipv6' : 'ipv4'
      const found = told(kubernetesRanges(site({ networks: [network(name, { [key]: cidr })] })))
      assert.deepEqual(found, want === undefined ? [] : [`error networks.${name}.${key}: ${want}`])
    })

  it('leaves a network with a bridge alone', () => {
    const networks = [network('services', { bridge: 'vmbr4', ipv6: 'fd00::/64' })]
    assert.deepEqual(kubernetesRanges(site({ networks })), [])
  })
})
