// The lab's nft takes the firewall of a router, and refuses what the real one refuses.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readRules } from '../../../src/lab/router/nft-file.ts'

const FIREWALL = readFileSync('test/parts/router/golden/firewall.txt', 'utf8')
const SMALL = `table inet orion
delete table inet orion
table inet orion {
	counter drops { }
	set outside { type ifname
		elements = { "ens18",
			"ens19" }
	}
	chain drop_it { counter name drops drop; }
	chain input {
		type filter hook input priority filter; policy drop;
		iifname @outside tcp dport { 22, 80 } accept # comment
		ct state vmap { established : accept, invalid : goto drop_it }
		goto drop_it
	}
}
`
const read = (text: string, before: Record<string, string> = {}) => readRules('/etc/f.nft', text, before)
const wrongIn = (text: string): string => {
  const found = read(text)
  return 'wrong' in found ? found.wrong : ''
}

describe('lab/router/nft-file', () => {
  it('takes the whole firewall', () => assert.equal(wrongIn(FIREWALL), ''))
  it('replaces its own table and leaves others', () => {
    const other = { 'ip mine': 'table ip mine {\n}\n' }
    const first = read(SMALL, other)
    assert.ok('tables' in first)
    assert.deepEqual(Object.keys(first.tables), ['ip mine', 'inet orion'])
    assert.deepEqual(read(SMALL, first.tables), first)
  })
  it('changes nothing of what was', () => {
    const before = {}
    read(SMALL, before)
    assert.deepEqual(before, {})
  })

  const rows: [string, string, string, RegExp][] = [
    ['a brace too few', '\t}\n}\n', '\t}\n', /unexpected end of file/],
    ['a brace too many', '\t}\n}\n', '\t}\n}}\n', /unexpected '}'/],
    ['a word of nothing', 'tcp dport', 'accept }\nfoo', /unexpected/],
    [
      'a rule that begins with nothing',
      'goto drop_it\n',
      'gotto drop_it\n',
      /:14:1-1: Error: syntax error, unexpected gotto/,
    ],
    [
      'a chain of nothing',
      'invalid : goto drop_it',
      'invalid : goto drop_them',
      /No such file or directory.*drop_them/,
    ],
    ['a set of nothing', '@outside', '@outsides', /the set is not in this table: outsides/],
    ['a counter of nothing', 'counter name drops', 'counter name drop', /the counter is not in this table: drop/],
    ['a string without an end', '"ens19"', '"ens19', /unterminated string/],
    ['a hook that is none', 'hook input priority filter', 'priority filter', /expecting hook/],
    ['a command of nothing', 'delete table', 'deleet table', /unexpected deleet/],
  ]
  for (const [title, from, to, message] of rows)
    it(`refuses ${title}`, () => {
      assert.ok(SMALL.includes(from))
      assert.match(wrongIn(SMALL.replace(from, to)), message)
    })
  it('refuses to delete a table that is not there', () =>
    assert.match(wrongIn('delete table inet x\n'), /No such file/))
})
