/** The statement of a savings plan's webhook about one recurrence, or about the plan as a whole. */
export type PlanNews =
  | {
      readonly kind: 'upcoming';
      readonly transactionId: string;
      readonly userId: string;
      readonly amount: string;
      readonly currency: string;
      /** Times as the partner sent them: never scaled. */
      readonly deadline: string;
      readonly nextRecurrence: string | null;
      /** weekly, biweekly, monthly. */
      readonly frequency: string | null;
      /** The plan's day of the month; absent where it is not told, or the period is another. */
      readonly day?: number;
      /** The recurrence a period after `nextRecurrence`, by the partner's local time; resolved by dispatch, where it is known. */
      readonly following?: string;
    }
  | {
      readonly kind: 'final';
      readonly transactionId: string;
      /** The partner's own word: finished, not_confirmed. */
      readonly status: string;
      readonly reason: string | null;
      /** The route of its webhook says the opposite: `finished` on the route of failures. */
      readonly contradictsRoute?: true;
    }
  | { readonly kind: 'auto-cancel'; readonly reason: string | null };
