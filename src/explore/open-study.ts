import { GemgateError } from '../core/errors.ts'
import { importSource } from '../core/import-source.ts'
import type { OpenStudy, Study, StudySource } from './study.ts'

/**
 * Opens the study of a module.
 * @throws GemgateError GG_DEVICE_UNAVAILABLE where it or what it stands on is not installed
 */
export async function openStudy({ module, options }: StudySource): Promise<Study> {
  let loaded: Record<string, unknown>
  try {
    loaded = await importSource(module)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new GemgateError(
      'GG_DEVICE_UNAVAILABLE',
      'exploring trains networks, and what trains them is not in the installed package',
      "Explore in a clone of gemgate's repository after npm ci; network compile --measure counts the logic of a model that you have",
      { cause },
    )
  }
  return (loaded['openStudy'] as OpenStudy)(options)
}
