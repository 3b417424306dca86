import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of the checkout, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

const sources = (folder: string): string[] =>
  readdirSync(`${root}hdl/${folder}`)
    .filter((name) => name.endsWith('.sv'))
    .sort()
    .map((name) => `${root}hdl/${folder}/${name}`)

/** Path of one file of hdl/trigger. */
export const triggerFile = (name: string): string => `${root}hdl/trigger/${name}.sv`

export const triggerFiles: readonly string[] = sources('trigger')
/** Everything that gemgate_core needs. */
export const coreFiles: readonly string[] = [...triggerFiles, ...sources('network')]
