// The lab's dnsmasq takes a router's configuration, and says which line it does not understand.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { putText } from '../../../src/lab/host/state.ts'
import { checkDnsmasq } from '../../../src/lab/router/dnsmasq.ts'
import { firstRouter } from '../../../src/lab/router/first-router.ts'

const mistake = (text: string) => {
  const host = firstRouter({ name: 'edge', vmid: 200, release: 'trixie' })
  putText(host, '/etc/dnsmasq.d/orion.conf', text)
  return checkDnsmasq(host)
}

describe('lab/router/dnsmasq', () => {
  it('takes the whole configuration', () =>
    assert.equal(mistake(readFileSync('test/parts/router/golden/dnsmasq.txt', 'utf8')), undefined))
  const rows: [string, string | undefined][] = [
    ['bind-dynamic\n\n# all\ninterface=ens19 # one\n', undefined],
    ['bind-dinamic\n', 'bad option'],
    ['bind-dynamic=1\n', 'extraneous parameter'],
    ['interface\n', 'missing parameter'],
    ['interface=a b\n', 'bad interface name'],
    ['dhcp-range=set:lan,10.0.0.5,10.0.0.9,255.255.255.0,12h\n', undefined],
    ['dhcp-range=set:lan,10.0.0.5,10.0.0,255.255.255.0,12h\n', 'bad dhcp-range'],
    ['dhcp-range=fd00::,ra-only,64,24h\n', undefined],
  ]
  for (const [text, want] of rows)
    it(JSON.stringify(text), () =>
      assert.equal(mistake(text), want && `dnsmasq: ${want} at line 1 of /etc/dnsmasq.d/orion.conf`),
    )
})
