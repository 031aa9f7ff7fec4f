// Mermaid: every line is one of the few forms that are ours, whatever the site says; and what it would not draw is told.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { renderMermaid } from '../../../src/parts/picture/mermaid.ts'
import { getPicture } from '../../../src/parts/picture/picture.ts'
import { site, vm } from '../../site/site-builder.ts'
import { largeNode, PAYLOADS, spoil, TEMPLATES, template } from './sites.ts'

const TEXT = String.raw`"(?:[A-Za-z0-9 ,.:/()+_-]|<br/>|#\d+;)*"`
const ID = String.raw`(?:t\d+|g\d+(?:f\d+)?|site)`
const FORMS = [
  /^%% Made by orion bootstrap show$/,
  /^flowchart LR$/,
  /^ +%% too many lines between guests and networks to draw them$/,
  new RegExp(String.raw`^ +subgraph ${ID}\[${TEXT}\]$`),
  /^ +end$/,
  new RegExp(String.raw`^ +${ID}(?:\[${TEXT}\]|\(\[${TEXT}\]\))$`),
  new RegExp(`^ +${ID} --- ${ID}$`),
  new RegExp(String.raw`^ +${ID} <-->\|${TEXT}\| ${ID}$`),
]

function check(text: string): void {
  const lines = text.split('\n')
  assert.equal(lines.pop(), '')
  for (const line of lines)
    assert.ok(
      FORMS.some((form) => form.test(line)),
      line,
    )
  const depth = lines.reduce((sum, line) => sum + (/^ +subgraph /.test(line) ? 1 : /^ +end$/.test(line) ? -1 : 0), 0)
  assert.equal(depth, 0)
}

describe('picture as Mermaid', () => {
  for (const name of TEMPLATES)
    it(`${name}, as it is and with any text`, async () => {
      const whole = await template(name)
      for (const payload of ['', ...PAYLOADS]) check(renderMermaid(getPicture(spoil(whole, payload))).text)
    })

  it('any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) =>
        check(renderMermaid(getPicture(site({ guests: [vm(name, 100)] }))).text),
      ),
      { numRuns: 100 },
    )
  })

  it('joins a guest with its networks, and gateways with each other', async () => {
    const { text, warnings } = renderMermaid(getPicture(await template('federation')))
    assert.deepEqual(warnings, [])
    assert.match(text, /\["van-1<br\/>10\.1\.0\.11<br\/>56 threads<br\/>384 GiB<br\/>mesh 10\.99\.1\.1"\]/)
    assert.equal(text.match(/<-->\|"mesh, hub van-1"\|/g)?.length, 5)
    assert.match(renderMermaid(getPicture(await template('orion'))).text, /^ {2}t\d+ --- t\d+$/m)
  })

  it('leaves out lines that would be too many, and says what is too long', () => {
    const small = renderMermaid(getPicture(largeNode(200)))
    assert.deepEqual(small.warnings, [])
    assert.match(small.text, / --- /)
    const large = renderMermaid(getPicture(largeNode(800)))
    check(large.text)
    assert.doesNotMatch(large.text, / --- /)
    assert.match(large.warnings.join(), /50000 characters at most/)
  })
})
