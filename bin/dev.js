#!/usr/bin/env -S node --import tsx
// Runs orion from src/: the root is moved there, or the committed manifest would silently win and run dist/.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execute, settings } from '@oclif/core'

settings.enableAutoTranspile = false
const pjson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
await execute({
  development: true,
  loadOptions: {
    root: fileURLToPath(new URL('../src', import.meta.url)),
    pjson: { ...pjson, oclif: { ...pjson.oclif, commands: './commands' } },
  },
})
