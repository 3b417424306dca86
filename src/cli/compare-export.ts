import { join } from 'node:path'
import type { SourceOptions } from './source-options.ts'

/**
 * The command that compares the scores that come back, on the same frames: for the instructions in an export.
 * @param options those of the export, with the number of frames that it holds
 */
export function exportCommand(options: SourceOptions & { readonly frames: number }, folder: string): string {
  const { source, frames, seed, geometry, binning, pedestal, photoelectron, sigmaLow, sigmaHigh, model } =
    options
  const given: readonly (readonly [option: string, value: string | number | undefined])[] = [
    ['--source', source],
    ['--frames', frames],
    ['--seed', source === 'synthetic' ? seed : undefined],
    ['--geometry', source === 'synthetic' ? geometry : undefined],
    ['--binning', binning],
    ['--pedestal', pedestal],
    ['--photoelectron', photoelectron],
    ['--sigma-low', sigmaLow],
    ['--sigma-high', sigmaHigh],
    ['--model', model],
    ['--devices', `model:,scores:${join(folder, 'scores.npz')}`],
  ]
  const words = given.flatMap(([option, value]) => (value === undefined ? [] : [option, quoted(`${value}`)]))
  return ['gemgate compare', ...words].join(' ')
}

function quoted(text: string): string {
  return /^[\w./:,=+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
