// The page: its policy allows its own style and script by their hashes and nothing else; every value is text.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { renderHtml } from '../../../src/parts/picture/html.ts'
import { getPicture } from '../../../src/parts/picture/picture.ts'
import { PAYLOADS, spoil, TEMPLATES, template } from './sites.ts'

const inside = (page: string, tag: string): string =>
  page.slice(page.indexOf(`<${tag}>`) + tag.length + 2, page.indexOf(`</${tag}>`))
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

describe('picture as a page', () => {
  it('allows its own style and script, and nothing else', async () => {
    const page = renderHtml(getPicture(await template('orion')))
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? []
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      'img-src data:',
      `style-src ${hash(inside(page, 'style'))}`,
      `script-src ${hash(inside(page, 'script'))}`,
      "base-uri 'none'",
      "form-action 'none'",
    ])
    assert.ok(new Script(inside(page, 'script')))
    assert.doesNotMatch(page, / (?:src|style|on\w+)="|https?:\/\/(?!www\.w3\.org\/2000\/svg")/)
  })

  for (const name of TEMPLATES)
    it(`${name}: a section for each thing, whatever its texts are`, async () => {
      const site = await template(name)
      const clean = renderHtml(getPicture(site))
      const tags = (page: string) =>
        [...page.matchAll(/<(?:script|style|section|button|img|svg|!--)/g)].map(([tag]) => tag)
      for (const payload of PAYLOADS) {
        const page = renderHtml(getPicture(spoil(site, payload)))
        assert.doesNotMatch(page, /<img|onmouseover='|<!--/)
        const wanted = tags(clean).filter((tag) => tag !== '<button').length
        assert.equal(tags(page).filter((tag) => tag !== '<button').length, wanted)
        assert.equal(inside(page, 'script'), inside(clean, 'script'))
      }
      const { things } = getPicture(site)
      assert.equal(clean.match(/<section data-about=/g)?.length, things.length)
    })
})
