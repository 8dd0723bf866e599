import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlotOrder, isAscending } from './slot-order.ts';

const order = createSlotOrder();

test('rows are arranged by slot, and what is forecast for them comes back to the rows of the caller', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 200 }),
      (chosen) => {
        const slots = Uint32Array.from(chosen);
        const inputs = Float32Array.from(chosen, (_, row) => row);
        const arranged = order.arrange(slots, inputs, slots.length);
        expect(arranged.slots.slice(0, slots.length)).toEqual(slots.slice().sort());
        for (let at = 0; at < slots.length; at++) {
          expect(slots[arranged.inputs[at]!]).toBe(arranged.slots[at]);
          arranged.predictions[at] = -arranged.inputs[at]!;
        }
        const predictions = new Float32Array(slots.length);
        order.giveBack(predictions);
        expect(predictions).toEqual(inputs.map((row) => -row));
      },
    ),
  );
});

test('slots that come in their order are left as they are', () => {
  expect(isAscending(Uint32Array.of(1, 2, 7, 3), 3)).toBe(true);
  expect(isAscending(Uint32Array.of(1, 2, 7, 3), 4)).toBe(false);
});
