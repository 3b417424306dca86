import { fileURLToPath } from 'node:url'
import { coreSources, verilogFiles } from '../../sim/board/core-sources.ts'

/** The root of the checkout, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Path of one file of hdl/trigger. */
export const triggerFile = (name: string): string => `${root}hdl/trigger/${name}.sv`

export const triggerFiles: readonly string[] = verilogFiles(`${root}hdl/trigger`)
/** Everything that gemgate_core needs. */
export const coreFiles: readonly string[] = coreSources(`${root}hdl`)
