// Makes what is generated from the code: the manifest, the README's command reference, the JSON Schema, the lab's schema.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { siteJsonSchema } from '../src/site/json-schema.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = (...command: string[]) => execFileSync(process.execPath, command, { cwd: root, stdio: 'inherit' })

writeFileSync(`${root}/templates/site.schema.json`, `${JSON.stringify(siteJsonSchema(), null, 2)}\n`)
run('--import', 'tsx', 'bin/generate-pve-schema.ts')
run('bin/build.js')
run('node_modules/oclif/bin/run.js', 'manifest')
sortManifest()
run('node_modules/oclif/bin/run.js', 'readme', '--no-aliases')

/** oclif writes the commands in the order in which the file system names them: another one on each machine. */
function sortManifest(): void {
  const path = `${root}/oclif.manifest.json`
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { commands: Record<string, unknown> }
  const commands = Object.fromEntries(Object.entries(manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify({ ...manifest, commands }, null, 2)}\n`)
}
