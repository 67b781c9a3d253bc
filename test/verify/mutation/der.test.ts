// SPDX-License-Identifier: Apache-2.0
import { testMutants } from '../../support/mutation-suite.ts';

// As with the fields of JSON: every value of the certificates, timestamps and signatures in everything that verifies.

testMutants('der');
