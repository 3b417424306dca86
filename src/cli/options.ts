import { InvalidArgumentError, Option } from 'commander'

/** A whole number from `low` to `high`, or commander's usage error. */
export function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < low || value > high || text.trim() === '')
      throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`)
    return value
  }
}

/** A number from `low` to `high`, or commander's usage error. */
export function real(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isFinite(value) || value < low || value > high || text.trim() === '')
      throw new InvalidArgumentError(`Give a number from ${low} to ${high}.`)
    return value
  }
}

export const jsonOption = (): Option => new Option('--json', 'one JSON document on standard output')
export const recordOption = (): Option =>
  new Option('--record <file>', 'record the traffic of the link; replay:FILE plays it')
export const seedOption = (what = 'seed of synthetic data'): Option =>
  new Option('--seed <number>', what).argParser(integer(0, 4294967295)).default(1)
export const geometryOption = (): Option =>
  new Option('--geometry <name>', 'synthetic detector')
    .choices(['lime', 'cygno04', 'test256', 'test64'])
    .default('lime')
export const sourceOption = (): Option =>
  new Option('--source <what>', 'synthetic, a file, or a folder of frames').default('synthetic')
export const binningOption = (): Option =>
  new Option(
    '--binning <pixels>',
    'pixels per macro-pixel side (default: from the pixel pitch or frame size)',
  ).argParser((text) => {
    if (text !== '1' && text !== '2' && text !== '4') throw new InvalidArgumentError('Use 1, 2 or 4.')
    return Number(text)
  })
export const pedestalOption = (): Option =>
  new Option(
    '--pedestal <file>',
    'pedestal .npz, or frames without light (default: pedestal.npz or dark/ in the folder, else each frame itself)',
  )
export const modelOption = (): Option => new Option('--model <file>', 'ONNX file of the classifier')
/** Thresholds of `calibrate` in sigma of the filtered noise: with a pedestal run and without. */
export const defaultSigma = { low: 4, lowWithoutPedestal: 2.5, high: 8 } as const
export const sigmaOptions = (): Option[] => [
  new Option(
    '--sigma-low <n>',
    `cluster threshold in sigma of the filtered noise (default: ${defaultSigma.low}, without a pedestal run ${defaultSigma.lowWithoutPedestal})`,
  ).argParser(real(0.1, 1000)),
  new Option(
    '--sigma-high <n>',
    `seed threshold in sigma of the filtered noise (default: ${defaultSigma.high})`,
  ).argParser(real(0.1, 1000)),
]
export const photoelectronOption = (): Option =>
  new Option(
    '--photoelectron <adu>',
    'ADU of one photoelectron, 4.2 for an ORCA-Fusion: finds fainter spots; needs a pedestal run (default: what the frames say)',
  ).argParser(real(0.01, 1000))
