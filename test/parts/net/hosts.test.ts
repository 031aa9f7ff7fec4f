// /etc/hosts: exactly one line for a node's name; all other lines stay.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { hosts, hostsFacts, withEntry } from '../../../src/parts/net/hosts.ts'
import { onHost, siteWith, testNode, WISH } from './test-node.ts'

const ENTRY = { address: '10.0.0.1', full: 'n1.lan', short: 'n1' }

describe('parts/net/hosts', () => {
  const rows = [
    {
      title: 'the installer’s line',
      have: '127.0.0.1 localhost\n10.0.0.1 n1.lan n1\n\n# ipv6\n::1 ip6-localhost\n',
      same: true,
    },
    { title: 'tabs and a further name', have: '10.0.0.1\tn1.lan  n1 pvelocalhost # me\n', same: true },
    { title: 'an empty file', have: '', want: '10.0.0.1 n1.lan n1\n' },
    {
      title: 'a file without it',
      have: '127.0.0.1 localhost\n::1 x\n',
      want: '127.0.0.1 localhost\n10.0.0.1 n1.lan n1\n::1 x\n',
    },
    {
      title: 'Debian’s 127.0.1.1',
      have: '127.0.0.1 localhost\n127.0.1.1 n1.old n1\n',
      want: '127.0.0.1 localhost\n127.0.1.1 n1.old\n10.0.0.1 n1.lan n1\n',
    },
    {
      title: 'Debian’s 127.0.1.1 alone',
      have: '127.0.0.1 localhost\n127.0.1.1 n1\n',
      want: '127.0.0.1 localhost\n10.0.0.1 n1.lan n1\n',
    },
    { title: 'another address', have: '10.0.0.7 n1.lan n1\nx\n', want: '10.0.0.1 n1.lan n1\nx\n' },
    { title: 'the names the wrong way round', have: '10.0.0.1 n1 n1.lan\n', want: '10.0.0.1 n1.lan n1\n' },
    {
      title: 'a further name of the same address',
      have: '10.0.0.1 N1 git # ours\n',
      want: '10.0.0.1 n1.lan n1 git # ours\n',
    },
    {
      title: 'localhost with the name',
      have: '127.0.0.1 localhost n1\n',
      want: '127.0.0.1 localhost\n10.0.0.1 n1.lan n1\n',
    },
    {
      title: 'two lines',
      have: '10.0.0.1 n1.lan n1\n127.0.1.1 n1.lan n1 alias\n',
      want: '10.0.0.1 n1.lan n1\n127.0.1.1 alias\n',
    },
    {
      title: 'names that only look like it',
      have: '10.0.0.2 n10.lan n10\n10.0.0.3 n1.land\n# 10.0.0.4 n1\n',
      want: '10.0.0.1 n1.lan n1\n10.0.0.2 n10.lan n10\n10.0.0.3 n1.land\n# 10.0.0.4 n1\n',
    },
  ]
  for (const { title, have, want, same } of rows)
    it(`has one line with ${title}`, () => assert.equal(withEntry(have, ENTRY), same ? have : want))

  it('keeps every line of others byte for byte, and changes nothing twice', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '',
        '# n1',
        '127.0.0.1\tlocalhost',
        '10.0.0.1 n1.lan n1',
        '127.0.1.1 n1 x',
        '10.0.0.9 n1.lan',
        '\t::1 ip6-loopback  # c',
      ),
      fc.stringMatching(/^[ a-z0-9.:#\t]{0,30}$/),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join('\n')
        const once = withEntry(text, ENTRY)
        assert.equal(withEntry(once, ENTRY), once)
        const foreign = (all: string) => all.split('\n').filter((one) => !/\bn1\b/i.test(one))
        const kept = foreign(text)
        assert.deepEqual(
          foreign(once).filter((one) => kept.includes(one)),
          kept,
        )
        const named = once.split('\n').filter((one) =>
          one
            .replace(/#.*/, '')
            .trim()
            .split(/\s+/)
            .slice(1)
            .some((name) => ['n1', 'n1.lan'].includes(name)),
        )
        assert.equal(named.length, 1)
      }),
    )
  })

  const n1 = testNode({ addresses: { lan: ['10.0.0.1'] } })
  const n2 = testNode({ name: 'n2', address: '10.0.0.2' })
  const far = testNode({ name: 'far', address: '10.9.0.1', cluster: 'Other' })
  const site = siteWith([n1, n2, far], { domain: 'lan' })

  it('names the nodes of the same cluster, too', async () => {
    const { apply, look, text } = onHost(hosts(site, n1, WISH), hostsFacts(site, n1), {
      files: { '/etc/hosts': '127.0.0.1 localhost\n' },
    })
    await apply()
    assert.equal(text('/etc/hosts'), '127.0.0.1 localhost\n10.0.0.1 n1.lan n1\n10.0.0.2 n2.lan n2\n')
    assert.deepEqual(await look(), [])
  })

  it('does not write an address for the node itself that it does not have', async () => {
    const node = testNode({ address: '203.0.113.7' })
    const one = siteWith([node], { domain: 'lan' })
    const files = { '/etc/hosts': '127.0.0.1 localhost\n192.168.0.4 n1.lan n1\n' }
    assert.deepEqual(await onHost(hosts(one, node, WISH), hostsFacts(one, node), { files }).look(), [])
    const ends = { client: '10.0.0.9', server: '203.0.113.7' }
    assert.equal((await onHost(hosts(one, node, WISH), hostsFacts(one, node), { files, ends }).look()).length, 1)
  })

  it('is nothing without a domain, or where the address is a name', () => {
    assert.equal(hosts(siteWith([n1]), n1, WISH), undefined)
    assert.equal(hosts(siteWith([n1], { domain: 'lan' }), testNode({ address: 'n1.example.net' }), WISH), undefined)
  })
})
