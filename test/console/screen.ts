// A stream that looks like a terminal of 80 by 24, and keeps what is written to it.
import { makeSink } from './plain.ts'

export function makeScreen(isTTY: boolean): { readonly stream: NodeJS.WriteStream; text(): string } {
  const { stream, text } = makeSink()
  const screen = Object.assign(stream, { isTTY, columns: 80, rows: 24, fd: 2 })
  return { stream: screen as unknown as NodeJS.WriteStream, text }
}
