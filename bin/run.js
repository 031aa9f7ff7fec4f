#!/usr/bin/env node
// Starts orion. `--version` alone is answered before the command framework is loaded.
import { readFileSync } from 'node:fs'

if (process.argv.length === 3 && process.argv[2] === '--version') {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  console.log(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}`)
} else {
  const { execute } = await import('@oclif/core/execute')
  await execute({ dir: import.meta.url })
}
