import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/core/package-root.ts'

/** Real detector data, kept beside the checkout because its licences do not allow copies. */
export const sharedData: string = join(packageRoot, '..', 'shared', 'data')
/** Public networks, kept beside the checkout likewise. */
export const sharedModels: string = join(packageRoot, '..', 'shared', 'models')
export const hasSharedData: boolean = existsSync(sharedData)
if (!hasSharedData)
  process.stderr.write('SKIPPED tests on real frames: ../shared/data is not there (see CONTRIBUTING.md)\n')
