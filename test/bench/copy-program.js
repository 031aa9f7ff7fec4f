// Puts the files of a folder onto several hosts and reads them back, with orion's built host room. Arguments: a JSON file.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectHost } from '../../dist/host/connect.js'

const { source, target, hosts, port, user, identityFile, knownHosts } = JSON.parse(
  readFileSync(process.argv[2], 'utf8'),
)
const texts = readdirSync(source).map((name) => [name, readFileSync(join(source, name), 'utf8')])

const copy = async (address) => {
  const host = connectHost({
    name: address,
    addresses: [address],
    port,
    user,
    identityFile,
    knownHosts: [knownHosts],
    config: '',
    agent: '',
    signal: new AbortController().signal,
  })
  const files = texts.map(([name, text]) => ({ path: join(target, address, name), text }))
  try {
    await host.write(files)
    const seen = await host.read({ files: files.map(({ path }) => path) })
    const wrong = files.filter(({ path, text }) => seen.files.get(path)?.text !== text)
    if (wrong.length > 0) throw new Error(`${address}: ${wrong.length} files are not as they were sent`)
  } finally {
    await host.close()
  }
}

await Promise.all(hosts.map(copy))
