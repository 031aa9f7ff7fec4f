// The drawing: whatever the picture, no text is on another, no box on another, and everything is where it belongs.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Part, type Rect, SIZE, type Text, widthOf } from '../../../src/parts/picture/geometry.ts'
import { type Drawing, layPicture } from '../../../src/parts/picture/layout.ts'
import type { Picture } from '../../../src/parts/picture/model.ts'
import { getPicture } from '../../../src/parts/picture/picture.ts'
import { largeNode, PAYLOADS, spoil, TEMPLATES, template } from './sites.ts'

const text = fc.oneof(fc.string({ maxLength: 70, unit: 'binary' }), fc.constantFrom(...PAYLOADS))
const notes = fc.array(text, { maxLength: 6 })
const thing = fc.constant('')
const lane = fc.record({ thing, label: text, note: text, tone: fc.nat(20) })
const frame = fc
  .record({
    title: text,
    notes,
    lanes: fc.array(lane, { maxLength: 9 }),
    count: fc.nat(30),
    seeds: fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
    row: fc.record({ title: text, tag: text, notes }),
  })
  .map(({ count, seeds, row, ...rest }) => ({
    ...rest,
    rows: Array.from({ length: count }, (_, at) => ({
      thing: '',
      ...row,
      notes: row.notes.slice(0, (seeds[at] ?? 0) % 7),
      stops: rest.lanes.flatMap((_lane, bit) => (((seeds[at] ?? 0) >> bit) & 1 ? [bit] : [])),
    })),
  }))
const group = fc.record({
  title: fc.oneof(fc.constant(''), text),
  notes,
  frames: fc.array(frame, { minLength: 1, maxLength: 6 }),
})
const wish = fc.record({
  site: text,
  summary: text,
  groups: fc.array(group, { maxLength: 5 }),
  wires: fc.array(lane, { maxLength: 8 }),
  seeds: fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
})

/** Ids in order, and wires between some of them. */
const picture: fc.Arbitrary<Picture> = wish.map(({ groups, wires, seeds, ...rest }) => {
  let last = 0
  const next = () => {
    last += 1
    return `t${last}`
  }
  const named = groups.map((one) => ({
    ...one,
    frames: one.frames.map((each) => ({
      ...each,
      thing: next(),
      rows: each.rows.map((row) => ({ ...row, thing: next() })),
    })),
  }))
  const joined = wires.map((wire, at) => {
    const step = 1 + ((seeds[at] ?? 0) % 40)
    const members = Array.from({ length: Math.floor(last / step) }, (_, index) => `t${index * step + 1}`)
    return { ...wire, kind: 'mesh' as const, members, ...(step % 2 ? { hub: members[0] ?? 't0' } : {}) }
  })
  return { ...rest, groups: named, wires: joined, things: [] }
})

/** Of its signs, from the top of a letter to the foot of a g. */
const rectOf = ({ text: words, size, x, y }: Text): Rect => {
  const height = SIZE[size]
  return { x, y: y - height * 0.8, width: widthOf(words, size), height }
}
const overlaps = (a: Rect, b: Rect) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
const holds = (a: Rect, b: Rect) =>
  a.x <= b.x && a.y <= b.y && b.x + b.width <= a.x + a.width + 0.01 && b.y + b.height <= a.y + a.height + 0.01
const lineRect = ({ x1, y1, x2, y2 }: Part['lines'][number]): Rect => ({
  x: Math.min(x1, x2),
  y: Math.min(y1, y2),
  width: Math.abs(x2 - x1),
  height: Math.abs(y2 - y1),
})

/** Pairs that overlap; sorted by y, so that only neighbours are compared. */
function overlapping(rects: readonly Rect[], mayNest: boolean): readonly (readonly [Rect, Rect])[] {
  const sorted = rects.toSorted((a, b) => a.y - b.y)
  return sorted.flatMap((one, at) => {
    const found: [Rect, Rect][] = []
    for (const other of sorted.slice(at + 1)) {
      if (other.y >= one.y + one.height) break
      const nested = mayNest && (holds(one, other) || holds(other, one))
      if (overlaps(one, other) && !nested) found.push([one, other])
    }
    return found
  })
}

function check({ width, height, parts }: Drawing): void {
  const texts = parts.flatMap((part) => part.texts.map(rectOf))
  const boxes = parts.flatMap(({ box }) => (box ? [box] : []))
  const page = { x: 0, y: 0, width, height }
  assert.deepEqual(overlapping(texts, false), [], 'texts')
  assert.deepEqual(overlapping(boxes, true), [], 'boxes')
  for (const rect of [...texts, ...boxes]) assert.ok(holds(page, rect), `${JSON.stringify(rect)} in ${width}×${height}`)
  for (const part of parts) {
    const { box } = part
    if (box) for (const one of part.texts) assert.ok(holds(box, rectOf(one)), `${one.text} in its box`)
    for (const line of part.lines.map(lineRect)) {
      assert.ok(holds(page, line))
      assert.ok(!texts.some((rect) => overlaps(rect, line)), `a line of ${part.kind} goes through a text`)
    }
  }
  const rows = parts.filter(({ kind }) => kind === 'row').flatMap(({ box }) => (box ? [box] : []))
  const through = parts
    .flatMap(({ lines }) => lines.map(lineRect))
    .filter((line) => rows.some((row) => overlaps(row, line)))
  assert.deepEqual(through, [], 'no line goes through a row')
}

describe('layout of the picture', () => {
  for (const name of TEMPLATES)
    it(`${name}, as it is and with any text`, async () => {
      const site = await template(name)
      check(layPicture(getPicture(site)))
      for (const payload of PAYLOADS) check(layPicture(getPicture(spoil(site, payload))))
    })

  it('200 guests on one node: of the shape of a screen, gateways in the first column', () => {
    const drawing = layPicture(getPicture(largeNode(200)))
    check(drawing)
    assert.ok(drawing.width < 2600 && drawing.height < 3000, `${drawing.width}×${drawing.height}`)
    const xs = (id: string) =>
      drawing.parts.flatMap(({ thing: own, kind, box }) => (own === id && kind === 'row' && box ? [box.x] : []))
    assert.deepEqual(xs('guest:guest-150'), xs('guest:guest-199'))
  })

  it('any picture', () => {
    fc.assert(
      fc.property(picture, fc.boolean(), (one, isTitled) => check(layPicture(one, isTitled))),
      { numRuns: 60 },
    )
  })

  it('every dot is on its lane, every stop of a row and every member of a wire has one', () => {
    fc.assert(
      fc.property(picture, (one) => {
        const { parts } = layPicture(one)
        const lanes = parts.filter(({ kind }) => kind === 'lane')
        for (const { dots, lines } of lanes)
          for (const dot of dots)
            assert.ok(
              lines.some((line) => line.x1 === line.x2 && line.x1 === dot.x && line.y1 <= dot.y && dot.y <= line.y2),
            )
        const stops = one.groups.flatMap(({ frames }) =>
          frames.flatMap(({ rows }) => rows.map((row) => row.stops.length)),
        )
        const members = one.wires.map((wire) => wire.members.length)
        const sum = [...stops, ...members].reduce((total, number) => total + number, 0)
        assert.equal(
          lanes.reduce((total, { dots }) => total + dots.length, 0),
          sum,
        )
      }),
      { numRuns: 40 },
    )
  })
})
