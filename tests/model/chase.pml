/* The chase of one referral: silence is borne, reminded, handed to a person; only a word or a person ends it. */
#ifndef BUG
#define BUG 0
#endif
#define MAX_REMINDERS 2
#define WORDS 3       /* a body that acknowledges for ever would never be silent */
#define DECISIONS 2

mtype = { queued, sent, accepted, needs_input, word, decision, timer_only, nobody };
mtype state = queued;
bool ended;
mtype ended_by = nobody;
bool timer = true;    /* next_action_time is set, and the task referral.chase with it */
bool asked;           /* Chase.person_asked: a desk task referral.decide_silence is open */
bool mail_open = true, is_reminder;  /* a task referral.send_mail is open */
byte reminders, words, decisions;

#define WITH_BODY (state == sent || state == accepted)

inline end_by(cause) {
  assert(!ended);                        /* P1 an end is never overwritten */
  ended = true; ended_by = cause; timer = false; asked = false;
  if :: BUG != 3 -> mail_open = false :: else fi; /* 3: the reminder stays open and is not looked at again */
  assert(ended_by == word || ended_by == decision) /* P2 no timer closes */
}

inline kept() { assert(ended || timer) } /* P3 a live referral has a next action time */

active proctype Mail() {
end:
  do
  :: atomic { mail_open && !is_reminder -> mail_open = false;
       if :: !ended && state == queued -> state = sent; reminders = 0; timer = true :: else fi; kept() }
  :: atomic { mail_open && is_reminder -> mail_open = false;
       if :: WITH_BODY && !ended || BUG == 3 ->
             assert(!ended)              /* P4 nobody who has answered is reminded */
          :: else fi;
       kept() }
  od
}

active proctype Timer() {
end:
  do
  :: atomic { timer && !ended ->
       if
       :: BUG == 2 && asked -> end_by(timer_only)                   /* 2: silence closes */
       :: WITH_BODY && reminders < MAX_REMINDERS && !mail_open ->
          reminders++; mail_open = true; is_reminder = true; assert(reminders <= MAX_REMINDERS)
       :: else -> asked = (state != needs_input); timer = (BUG != 1) /* 1: not set again after a person was asked */
       fi;
       kept() }
  od
}

active proctype Body() {
end:
  do
  :: atomic { words < WORDS && (ended || state != queued) -> words++;
       if
       :: ended && BUG != 4 -> skip      /* filed as late; 4: a late word overwrites the end */
       :: !ended -> state = accepted; reminders = 0; asked = false; timer = true
       :: !ended -> state = needs_input; reminders = 0; asked = false; timer = true
       :: !ended || BUG == 4 -> end_by(word)
       fi;
       kept() }
  od
}

active proctype Officer() {
end:
  do
  :: atomic { !ended && state == needs_input && !mail_open ->       /* input provided and forwarded */
       state = accepted; reminders = 0; timer = true; kept() }
  :: atomic { asked && decisions < DECISIONS -> decisions++; asked = false; timer = true; kept() } /* keep waiting */
  :: atomic { asked && decisions < DECISIONS && !mail_open -> decisions++; asked = false; timer = true;
       state = queued; reminders = 0; mail_open = true; is_reminder = false; kept() } /* another channel */
  :: atomic { !ended && (asked || BUG == 5) && state != queued ->   /* 5: given up without being asked to decide */
       assert(asked);                    /* P5 who was not silent is not given up */
       end_by(decision); kept() }
  :: atomic { !ended && decisions == DECISIONS -> end_by(decision); kept() } /* cancelled */
  od
}

active proctype Judge() {
  timeout -> assert(ended)               /* P6 nothing is forgotten */
}
