/* Closing a case: a proposal, its review by another, while referrals open and end beside it. */
#ifndef BUG
#define BUG 0
#endif
#define ROUNDS 2

mtype = { in_progress, proposed, closed };
mtype = { nowhere, asked, counted };  /* where a referral stands */
mtype state = in_progress;
bool next_action = true;   /* cases.next_action_time is finite, and the task case.act with it */
bool review_task;          /* a desk task case.review_closure is open */
bool told;                 /* the closure names a contact in which the person was reached */
byte open_referrals, proposer, told_closed, rounds, opened;

#define COMPLETE (told && open_referrals == 0)

inline kept() {
  assert((state == closed) != next_action);          /* P1 open exactly if there is a next action */
  assert((state == proposed) == review_task);        /* P2 a proposal is somebody's task */
  assert(state != closed || open_referrals == 0)     /* P3 no referral is open in a closed case */
}

/* Two officers, each of whom may do everything. */
proctype Officer(byte me) {
end:
  do
  :: atomic { state != closed && !told -> told = true; kept() }
  :: atomic { state == in_progress && (COMPLETE || BUG == 6) && rounds < ROUNDS -> /* 6: proposed untold */
       rounds++; state = proposed; proposer = me; review_task = true;
       next_action = (BUG != 2);                     /* 2: the proposal clears the next action */
       kept() }
  :: atomic { (state == proposed || state == closed && BUG == 8) && /* 8: what is closed is reviewed again */
              (proposer != me || BUG == 3) ->        /* 3: the proposer reviews */
       assert(proposer != me);                       /* P4 two people */
       if
       :: COMPLETE || BUG == 1 || (BUG == 6 && open_referrals == 0) -> /* 1: facts are not looked at again */
          state = closed; next_action = false; review_task = false; told_closed++;
          assert(told);                              /* P5 nothing closes untold */
          assert(told_closed == 1)                   /* P6 the end is told once */
       :: state = in_progress; review_task = (BUG == 5); next_action = true /* returned; 5: the task stays */
       fi;
       kept() }
  od
}

/* CreateReferral sees the case open; the case may be closed before it is told. A mail goes out once it counts the referral. */
proctype Referral() {
  mtype at = nowhere;
end:
  do
  :: atomic { at == nowhere && opened < 2 && state != closed -> opened++; at = asked }
  :: atomic { at == asked && (state != closed || BUG == 4) -> at = counted; open_referrals++; kept() } /* 4: not refused */
  :: atomic { at == asked && state == closed && BUG != 4 -> at = nowhere }                             /* withdrawn */
  :: atomic { at == counted || (at == asked && BUG == 7) ->   /* 7: the mail does not wait */
       assert(state != closed) }                     /* P7 nobody is asked for a closed case */
  :: atomic { at == counted -> at = nowhere; open_referrals--; kept() }
  od
}

init { atomic { run Officer(1); run Officer(2); run Referral(); run Referral() } }
