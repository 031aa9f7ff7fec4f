// A routing registry for tests: speaks IRRd's `!` commands as far as bgpq4 uses them, on a port of its own.
import { createServer, type Socket } from 'node:net'

export interface WhoisServer {
  /** `127.0.0.1:PORT`, as bgpq4 takes it. */
  readonly address: string
  /** Every command, in order. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** Both may change while the server runs. */
export interface WhoisMood {
  /** Closes every connection at once. */
  mute?: boolean
  /** Breaks off in the middle of an answer. */
  cut?: boolean
}

/** `sets`: prefixes of both families by AS-SET. */
export async function startWhois(
  sets: Readonly<Record<string, string>>,
  mood: Readonly<WhoisMood> = {},
): Promise<WhoisServer> {
  const asked: string[] = []
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)))
    if (mood.mute) return void socket.destroy()
    let rest = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines.map((one) => one.trim())) {
        asked.push(line)
        if (line === '!q') socket.end()
        else if (mood.cut && line.startsWith('!a') && line !== '!a') socket.end(answer(line, sets).slice(0, -12))
        else socket.write(answer(line, sets))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const place = server.address()
  if (place === null || typeof place === 'string') throw new Error('the registry has no port')
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of open) socket.destroy()
      server.close(() => resolve())
    })
  return { address: `127.0.0.1:${place.port}`, asked, close }
}

/** IRRd's manual, "Querying": `A` length, text and `C`; `C` alone = done, `D` = no such key, `F` = refused. */
function answer(command: string, sets: Readonly<Record<string, string>>): string {
  if (command === '!!') return ''
  if (/^![ns]/.test(command)) return 'C\n'
  // How bgpq4 finds out whether the server resolves sets by itself.
  if (command === '!a') return 'F Missing required set name for A query\n'
  const [, family, name = ''] = /^!a([46])(.+)$/.exec(command) ?? []
  const all = family === undefined ? [] : (sets[name] ?? '').split(' ')
  const found = all.filter((prefix) => prefix !== '' && prefix.includes(':') === (family === '6')).join(' ')
  return found === '' ? 'D\n' : `A${found.length + 1}\n${found}\nC\n`
}
