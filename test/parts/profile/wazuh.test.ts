// Wazuh's agent: its source with the key, what is said where that cannot be had, and the manager in a file that others write, too.
import assert from 'node:assert/strict'
import { wazuhResources, withManager } from '../../../src/parts/profile/wazuh.ts'

const DEFAULT = `<ossec_config>
  <client>
    <server>
      <address>MANAGER_IP</address>
      <port>1514</port>
    </server>
  </client>
  <logging><log_format>plain</log_format></logging>
</ossec_config>
`

describe('parts/profile/wazuh', () => {
  const rows: [string, string | undefined, string][] = [
    ['in the package’s file', DEFAULT, DEFAULT.replace('MANAGER_IP', '10.0.0.9')],
    ['in one without a server', '<ossec_config><client></client></ossec_config>', '<address>10.0.0.9</address>'],
    ['in one without a client', '<ossec_config></ossec_config>\n', '<address>10.0.0.9</address>'],
    ['where there is none yet', undefined, '<address>10.0.0.9</address>'],
  ]
  for (const [what, text, want] of rows)
    it(`names the manager ${what}, once`, () => {
      const made = withManager(text, '10.0.0.9')
      assert.ok(made.includes(want), made)
      assert.equal(made.match(/<address>/g)?.length, 1)
      assert.equal(withManager(made, '10.0.0.9'), made)
    })

  it('has no way out of its place', () => {
    const made = withManager(DEFAULT, "a</address>$'<x>&")
    assert.ok(made.includes('<address>a&lt;/address&gt;$&apos;&lt;x&gt;&amp;</address>'))
  })

  it('comes in order', () => {
    assert.deepEqual(
      wazuhResources('bastion', '10.0.0.9').map(({ id, needs }) => [id, needs]),
      [
        ['file-set:bastion/wazuh-source', []],
        ['packages:bastion/wazuh', ['file-set:bastion/wazuh-source']],
        ['file-set:bastion/wazuh', ['packages:bastion/wazuh']],
      ],
    )
  })
})
