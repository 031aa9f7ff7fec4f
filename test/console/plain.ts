// The look of the golden texts, and a stream that keeps what is written to it.
import { Writable } from 'node:stream'
import type { Look } from '../../src/console/paint.ts'

export const plain: Look = { width: 80, colour: false }

/** Golden texts are written with a margin, so that they read well in the source. */
export function page(text: string): string {
  return text.replace(/^\n/, '').replace(/\n *$/, '').replaceAll(/^ {6}/gm, '')
}

export function makeSink(): { readonly stream: Writable; text(): string } {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, text: () => chunks.join('') }
}
