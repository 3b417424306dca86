import { Worker, type WorkerOptions } from 'node:worker_threads'

/** Options of `startThread`. */
export interface ThreadOptions extends WorkerOptions {
  /** A large package that the module imports: loaded before tsx, which would take seconds to look through it. */
  readonly package?: string
}

/**
 * Runs a module in a thread of its own. In the built package it is the compiled file; in a checkout it is TypeScript,
 * which Node 20 does not run, so tsx is registered inside the thread.
 * @param module URL of the module in this form: `new URL('./worker.ts', import.meta.url)`
 */
export function startThread(module: URL, { package: first, ...options }: ThreadOptions = {}): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL(module.href.replace(/\.ts$/, '.js')), options)
  const tsx = 'tsx/esm/api'
  const urls = [first ?? tsx, tsx].map((name) => import.meta.resolve(name))
  const script = `const [first, tsx, module] = ${JSON.stringify([...urls, module.href])}
import(first).then(() => import(tsx)).then(({ register }) => (register(), import(module)))`
  return new Worker(script, { ...options, eval: true })
}
