// SVG: well-formed by a real parser, whatever the site says; no script, nothing that loads; every thing has its facts as a title.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { escapeMarkup } from '../../../src/parts/picture/markup.ts'
import { getPicture } from '../../../src/parts/picture/picture.ts'
import { renderSvg } from '../../../src/parts/picture/svg.ts'
import { needs } from '../../setup.ts'
import { largeNode, PAYLOADS, spoil, TEMPLATES, template } from './sites.ts'

/** Errors: where it is not well-formed. */
function parseXml(text: string): void {
  execFileSync('xmllint', ['--nonet', '--noout', '-'], { input: text, stdio: ['pipe', 'ignore', 'pipe'] })
}

const ELEMENTS = /^(svg|title|desc|style|rect|g|path|circle|text)$/
const ATTRIBUTES = /^(class|width|height|viewBox|role|data-thing|x|y|rx|d|cx|cy|r|xmlns)$/

/** Every tag is one of ours, with attributes of ours. */
function checkTags(text: string): void {
  for (const [, slash, name = '', attributes = ''] of text.matchAll(
    /<(\/?)([^\s/>?!]+)((?:\s+[\w-]+="[^"<>]*")*)\s*\/?>/g,
  )) {
    assert.match(name, ELEMENTS)
    assert.ok(slash === '' || attributes === '')
    for (const [, attribute = ''] of attributes.matchAll(/([\w-]+)="/g)) assert.match(attribute, ATTRIBUTES)
  }
  const rest = text.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>/, '').replaceAll(/<style>[^<]*<\/style>/g, '')
  assert.equal(rest.replaceAll(/<\/?[a-z]+(?:\s+[\w-]+="[^"<>]*")*\s*\/?>/g, '').includes('<'), false)
}

describe('picture as SVG', function () {
  this.timeout(60_000)
  before(async function () {
    await needs(this, ['xmllint'])
  })

  for (const name of TEMPLATES)
    it(`${name}: well-formed, nothing but what is drawn`, async () => {
      const site = await template(name)
      for (const payload of ['', ...PAYLOADS]) {
        const svg = renderSvg(getPicture(spoil(site, payload)))
        parseXml(svg)
        checkTags(svg)
        assert.doesNotMatch(svg, /href|url\(|@import|xlink/)
      }
    })

  it('says what each thing is', async () => {
    const svg = renderSvg(getPicture(await template('orion')))
    assert.match(svg, /<title>orion: 1 node, 17 guests/)
    assert.match(svg, /<title>container redis; VMID: 1005; Node: r730; .*192\.168\.100\.35\/24/)
    assert.match(svg, /prefers-color-scheme: dark/)
  })

  it('is quick with many guests', () => {
    const svg = renderSvg(getPicture(largeNode(1000)))
    parseXml(svg)
    assert.equal(svg.match(/class="row"/g)?.length, 1002)
  })

  it('a text stays a text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeMarkup(text)
        assert.match(escaped, /^(?:[^&<>"'\p{Cc}\p{Cs}\u202a-\u202e\ufffe\uffff]|&(?:amp|lt|gt|quot|#39);)*$/u)
      }),
    )
    parseXml(`<t>${escapeMarkup(PAYLOADS.join(' '))}</t>`)
    assert.equal(escapeMarkup(`a\n<b c="d'">&`), 'a &lt;b c=&quot;d&#39;&quot;&gt;&amp;')
  })
})
