type Guard = <T>(value: T) => T | Promise<Awaited<T>>;

/** The source of a `for await` whose every turn is awaited under `guard`, in JupyterLab as in a page. */
export function guardedEach<T>(source: AsyncIterable<T> | Iterable<T>, guard: Guard): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
      const synchronous = !(Symbol.asyncIterator in source);
      return {
        async next() {
          const step = await guard(iterator.next());
          return synchronous ? { done: step.done, value: await step.value } : step;
        },
        async return(value?: unknown) {
          await iterator.return?.(value);
          return { done: true, value: undefined };
        },
      } as AsyncIterator<T>;
    },
  };
}
