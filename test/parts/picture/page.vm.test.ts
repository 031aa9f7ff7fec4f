// The page in a real Chromium: it asks for nothing, complains of nothing, finds and tells, and no text is on another.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { renderHtml } from '../../../src/parts/picture/html.ts'
import { getPicture } from '../../../src/parts/picture/picture.ts'
import { renderSvg } from '../../../src/parts/picture/svg.ts'
import type { Site } from '../../../src/site/site.ts'
import { needs } from '../../setup.ts'
import { largeNode, PAYLOADS, spoil, TEMPLATES, template } from './sites.ts'

interface Seen {
  readonly page: Page
  /** What it said on its console, threw, or asked for. */
  readonly noise: readonly string[]
}

/** Runs in the page: pairs of texts that overlap, and texts that stand out of their box. Half a pixel is nothing. */
const MISPLACED = `(() => {
  const boxes = [...document.querySelectorAll('svg text')].map((text) => ({ text, box: text.getBBox() }))
  boxes.sort((a, b) => a.box.y - b.box.y)
  const found = []
  for (const [at, { text, box }] of boxes.entries()) {
    const rect = text.parentElement.querySelector('rect')?.getBBox()
    if (rect && box.x + box.width > rect.x + rect.width + 0.5) found.push(text.textContent + ' stands out of its box')
    for (const other of boxes.slice(at + 1)) {
      if (other.box.y > box.y + box.height) break
      const wide = Math.min(box.x + box.width, other.box.x + other.box.width) - Math.max(box.x, other.box.x)
      // The box of a text has room above and below its signs.
      const high = box.y + box.height - other.box.y
      if (wide > 0.5 && high > 4) found.push(text.textContent + ' is on ' + other.text.textContent)
    }
  }
  return found
})()`

/** Runs in the page: the least ratio of luminances (WCAG 2.2, 1.4.3) of each kind of text and what is behind it. */
const CONTRASTS = `(() => {
  const luminance = (one) => {
    const parts = getComputedStyle(one).fill.match(/[0-9.]+/g).slice(0, 3).map((part) => Number(part) / 255)
    const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ratios = [...document.querySelectorAll('svg text')].map((text) => {
    const behind = text.parentElement.querySelector('rect') ?? document.querySelector('.paper')
    const [dark, bright] = [luminance(text), luminance(behind)].sort((a, b) => a - b)
    return (bright + 0.05) / (dark + 0.05)
  })
  return Math.min(...ratios)
})()`

describe('picture in Chromium', function () {
  this.timeout(120_000)
  let dir: string
  let browser: Browser
  before(async function () {
    await needs(this, ['chromium'])
    dir = mkdtempSync(join(tmpdir(), 'orion-picture-'))
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      chromiumSandbox: false,
      args: ['--disable-gpu', '--disable-dev-shm-usage'],
    })
  })
  after(async () => {
    await browser?.close()
    if (dir) rmSync(dir, { recursive: true, force: true })
  })

  async function open(text: string, name: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Seen> {
    const file = join(dir, name)
    writeFileSync(file, text)
    const address = pathToFileURL(file).href
    const page = await browser.newPage({ colorScheme, viewport: { width: 1400, height: 1000 } })
    page.setDefaultTimeout(60_000)
    const noise: string[] = []
    page.on('console', (message) => noise.push(message.text()))
    page.on('pageerror', (error) => noise.push(String(error)))
    page.on('dialog', (dialog) => noise.push(`dialog ${dialog.message()}`))
    page.on('request', (request) => {
      if (request.url() !== address) noise.push(`asked for ${request.url()}`)
    })
    await page.goto(address)
    return { page, noise }
  }
  const openSite = (site: Site, scheme?: 'light' | 'dark') => open(renderHtml(getPicture(site)), 'site.html', scheme)

  for (const name of TEMPLATES)
    for (const scheme of ['light', 'dark'] as const)
      it(`${name}, ${scheme}: quiet, legible, nothing on anything else`, async () => {
        const { page, noise } = await openSite(await template(name), scheme)
        assert.deepEqual(await page.evaluate(MISPLACED), [])
        const contrast = await page.evaluate<number>(CONTRASTS)
        assert.ok(contrast >= 4.5, `${contrast}`)
        assert.ok((await page.screenshot()).length > 20_000)
        assert.deepEqual(noise, [])
        await page.close()
      })

  it('200 guests on one node', async () => {
    const { page, noise } = await openSite(largeNode(200))
    assert.deepEqual(await page.evaluate(MISPLACED), [])
    await page.keyboard.press('/')
    await page.keyboard.type('guest-150')
    assert.equal(await page.locator('#found').textContent(), '2 of 209')
    assert.deepEqual(noise, [])
    await page.close()
  })

  it('finds by words, dims the others, and goes from one to the next', async () => {
    const { page, noise } = await openSite(await template('orion'))
    const shown = () => page.locator('[data-about]:visible h2').allTextContents()
    const hits = () => page.locator('g.row.hit > text.name').allTextContents()
    await page.keyboard.press('/')
    await page.keyboard.type('debian-13-ct 1004')
    assert.deepEqual(await hits(), ['postgres'])
    assert.equal(await page.evaluate("getComputedStyle(document.querySelector('g.row:not(.hit)')).opacity"), '0.2')
    await page.keyboard.press('Enter')
    assert.deepEqual(await shown(), ['postgres container'])
    await page.locator('#find').fill('K3S')
    assert.deepEqual(await hits(), ['k3s-master', 'k3s-worker-1', 'k3s-worker-2', 'k3s-worker-3'])
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    assert.deepEqual(await shown(), ['k3s-worker-1 virtual machine'])
    await page.keyboard.press('Shift+Enter')
    assert.deepEqual(await shown(), ['k3s-master virtual machine'])
    await page.keyboard.press('Escape')
    assert.deepEqual(await shown(), [])
    await page.keyboard.press('Escape')
    assert.equal(await page.locator('#find').inputValue(), '')
    assert.equal(await page.locator('svg.dims').count(), 0)
    await page.locator('#find').fill('no such thing')
    await page.keyboard.press('Enter')
    assert.deepEqual(await hits(), [])
    assert.deepEqual(noise, [])
    await page.close()
  })

  it('tells all of what is chosen, by mouse and keyboard, and shows what belongs to it', async () => {
    const { page, noise } = await openSite(await template('orion'))
    await page.locator('g.row', { hasText: 'CT 1005' }).first().click()
    const about = page.locator('[data-about]:visible')
    assert.match((await about.textContent()) ?? '', /redis.*1005.*2 GiB.*8 GiB on local-zfs.*192\.168\.100\.35\/24/s)
    assert.deepEqual(await page.locator('g.row.hit > text.name').allTextContents(), ['lan', 'redis'])
    await about.getByRole('button', { name: 'lan', exact: true }).click()
    assert.equal(await page.locator('g.row.hit').count(), 18)
    assert.match((await about.textContent()) ?? '', /192\.168\.100\.100 to 192\.168\.100\.199/)
    await page.locator('.paper').click({ position: { x: 5, y: 5 } })
    assert.equal(await page.locator('svg.dims').count(), 0)
    await page.locator('g.frame', { hasText: 'r730' }).focus()
    await page.keyboard.press('Enter')
    assert.match((await about.textContent()) ?? '', /r730.*BMC.*192\.168\.1\.100/s)
    assert.deepEqual(noise, [])
    await page.close()
  })

  it('prints in light colours, with all that there is to be told', async () => {
    const { page } = await openSite(await template('hive'), 'dark')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    assert.equal(await page.locator('[data-about]:visible').count(), await page.locator('[data-about]').count())
    assert.equal(await page.locator('#find').isVisible(), false)
    assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.paper')).fill"), 'rgb(255, 255, 255)')
    assert.ok((await page.pdf({ format: 'A4' })).length > 20_000)
    await page.close()
  })

  it('no text of a site becomes anything else, and no other script runs', async () => {
    for (const payload of PAYLOADS) {
      const { page, noise } = await openSite(spoil(await template('federation'), payload))
      assert.deepEqual(await page.evaluate(MISPLACED), [], payload)
      assert.deepEqual(noise, [], payload)
      const found = await page.evaluate('[typeof pwned, document.scripts.length, document.images.length]')
      assert.deepEqual(found, ['undefined', 1, 0])
      await page.close()
    }
    const { page, noise } = await openSite(await template('hive'))
    const inject =
      "const script = document.createElement('script'); script.textContent = 'pwned = 1'; document.body.append(script)"
    assert.equal(await page.evaluate(`${inject}; typeof pwned`), 'undefined')
    assert.match(noise.join(), /Content Security Policy/)
    await page.close()
  })

  it('SVG alone: quiet, the same in its place', async () => {
    const { page, noise } = await open(renderSvg(getPicture(await template('federation'))), 'site.svg')
    assert.deepEqual(await page.evaluate(MISPLACED), [])
    assert.equal(await page.evaluate('document.title'), 'sovereign: 5 clusters, 7 nodes, 5 mesh gateways')
    assert.deepEqual(noise, [])
    await page.close()
  })
})
