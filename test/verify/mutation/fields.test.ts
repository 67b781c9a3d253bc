// SPDX-License-Identifier: Apache-2.0
import { testMutants } from '../../support/mutation-suite.ts';

// Every field of everything that verifies, in JSON, PEM, checkpoints and plain bytes, on every level, is left out, doubled, swapped,
// renamed and made something else. What verifies still must be on the list, and say the same of who signed what, and when.

testMutants('fields');
