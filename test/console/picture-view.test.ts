// The picture on a terminal: golden pages, nothing wider than the terminal whatever the site says, no control characters.
import assert from 'node:assert/strict'
import { type PictureLines, renderPicture } from '../../src/console/picture-view.ts'
import { getWidth } from '../../src/console/text.ts'
import { getPicture } from '../../src/parts/picture/picture.ts'
import { largeNode, PAYLOADS, spoil, TEMPLATES, template } from '../parts/picture/sites.ts'
import { page, plain } from './plain.ts'

const row = (title: string, stops: readonly number[], notes: readonly string[] = []) => ({
  thing: `guest:${title}`,
  title,
  tag: 'VM 100',
  notes,
  stops,
})
const lane = (label: string, tone: number) => ({ label, note: `vmbr${tone}`, tone })
const small: PictureLines = {
  site: 'small',
  summary: '1 node, 3 guests',
  wires: [
    { label: 'mesh', note: 'hub a', tone: 3, hub: 'guest:a', members: ['guest:a', 'guest:c', 'node:n2'] },
    { label: 'mesh', note: 'a – b', tone: 4, members: ['guest:a', 'guest:b'] },
  ],
  groups: [
    {
      title: 'west',
      notes: ['CA'],
      frames: [
        {
          thing: 'node:n1',
          title: 'n1',
          notes: ['10.0.0.2'],
          lanes: [lane('lan', 0), lane('dmz', 1), lane('spare', 2)],
          rows: [
            row('a', [0, 1], ['1 core', 'lan 10.0.0.3']),
            row('b', [1]),
            row('c', [0], Array(9).fill('lan 10.0.0.4')),
          ],
        },
        { thing: 'node:n2', title: 'n2', notes: ['10.0.0.9'], lanes: [], rows: [] },
      ],
    },
  ],
}

describe('picture view', () => {
  it('draws lines from their heads to their last stops, across each other', () => {
    assert.equal(
      renderPicture(small, plain),
      page(`
      small
      1 node, 3 guests

      ╭─ mesh  hub a
      │ ╭─ mesh  a – b
      │ │
      │ │  west  CA
      │ │
      │ │    n1  10.0.0.2
      │ │     ╭─ lan  vmbr0
      │ │     │ ╭─ dmz  vmbr1
      │ │     │ │ ╶─ spare  vmbr2
      ◉─●─────●─●─── a  VM 100  1 core, lan 10.0.0.3
      │ ●─────┼─●─── b  VM 100
      ●───────●───── c  VM 100  lan 10.0.0.4, lan 10.0.0.4, lan 10.0.0.4,
      │                         lan 10.0.0.4, lan 10.0.0.4, lan 10.0.0.4,
      │                         lan 10.0.0.4, lan 10.0.0.4, lan 10.0.0.4
      ●───── n2  10.0.0.9
      `),
    )
  })

  it('leaves out lines that would fill the page, and lists what they join', () => {
    const wires = Array.from({ length: 20 }, (_, at) => ({
      label: 'mesh',
      note: `link ${at}`,
      tone: at,
      members: ['guest:a', 'guest:b'],
    }))
    const shown = renderPicture({ ...small, wires }, plain)
    assert.match(shown, /^mesh, link 19\n {2}a, b$/m)
    assert.doesNotMatch(shown, /◉/)
  })

  for (const name of TEMPLATES)
    it(`${name}: fits, whatever the site says`, async () => {
      const site = await template(name)
      for (const payload of ['', ...PAYLOADS])
        for (const width of [60, 80, 120]) {
          const shown = renderPicture(getPicture(spoil(site, payload)), { width, colour: false })
          for (const line of shown.split('\n')) {
            assert.ok(getWidth(line) <= width, `${getWidth(line)} > ${width}: ${line}`)
            assert.doesNotMatch(line, /\p{Cc}|[\u202a-\u202e]/u)
          }
        }
    })

  it('colours lines by their networks, and nothing but lines', async () => {
    const shown = renderPicture(getPicture(largeNode(20)), { width: 80, colour: true })
    assert.ok(shown.includes('\u001b[36m●'))
    for (const colour of ['\u001b[31m', '\u001b[33m'])
      assert.ok(!shown.includes(colour), 'red and yellow mean something')
  })
})
