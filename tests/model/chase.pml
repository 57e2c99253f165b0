/* The chase of one referral: silence is borne, reminded, handed to a person; only a word or a person ends it. */
#ifndef BUG
#define BUG 0
#endif
#define MOST 2        /* words, decisions, troubles: a body that acknowledges for ever would never be silent */
#define DOUBT 3       /* a trouble whose mail's task is settled */

mtype = { queued, sent, accepted, needs_input, ended, word, decision, timer_only, nobody };
mtype = { request, reminder, withdrawal, none, waiting, flying, arrived, dead };
mtype state = queued, ended_by = nobody, mail[3] = none, purpose[3], asks; /* tasks referral.send_mail 1 and 2 */
bool timer = true;    /* next_action_time is set, and the task referral.chase with it */
bool asked;           /* Chase.person_asked: a desk task referral.decide_silence is open */
bool by_mail = true;  /* Referral.connector */
bool may_have;        /* Chase.sent_time or Chase.may_have_it */
bool cancelled, told, has; /* by us; it is begun to tell the body so; it has the request */
bool call, rung;      /* the desk task referral.carry that tells it of that is open; it was told by it */
byte due = 1, trouble; /* Referral.mail_due; the mail of the open desk task referral.mail_trouble, asks: its purpose */
byte copies;          /* requests given out since a person last decided to send it */
byte reminders, words, decisions, agains, troubles;

#define WITH_BODY (state == sent || state == accepted)
#define FREE (mail[1] == none || mail[2] == none)
#define IS_DUE(i) (due == i || BUG == 8 && purpose[i] == request && state == queued)

inline write(why) { due = (mail[1] == none -> 1 : 2); mail[due] = waiting; purpose[due] = why }
inline drop() {  /* the turn is over; 3, 6: a reminder, a request that was due stays due */
  due = (BUG == 3 && purpose[due] == reminder || BUG == 6 && purpose[due] == request -> due : 0); trouble = 0 }
inline go_on(next) { state = next; reminders = 0; asked = false; timer = true }
inline end_by(cause) {
  assert(state != ended);                          /* P1 an end is never overwritten */
  drop(); state = ended; ended_by = cause; timer = false; asked = false;
  assert(ended_by == word || ended_by == decision) /* P2 no timer closes */
}
inline withdraw() {
  if :: cancelled && may_have && !told -> told = true; call = !by_mail;
       if :: by_mail && FREE -> write(withdrawal) :: else fi
     :: else fi }
inline ask_about(why, what) { troubles++; trouble = what; asks = why }
inline kept() { assert(state == ended || timer) } /* P3 a live referral has a next action time */

proctype Mail(byte i) {
  bool is_due;
end:
  do
  :: atomic { mail[i] == waiting && !IS_DUE(i) -> mail[i] = none }  /* 8: a request is due while the referral is queued */
  :: atomic { mail[i] == waiting && IS_DUE(i) -> /* Begin; 7: a person is asked about it all the same */
       trouble = (trouble == i && BUG != 7 -> 0 : trouble); copies = copies + (purpose[i] == request);
       assert(purpose[i] != reminder || WITH_BODY); /* P4 nobody who has answered is reminded */
       assert(purpose[i] != request || state == queued && by_mail && copies == 1); /* P7 one request, by one channel */
       if :: mail[i] = flying :: mail[i] = arrived; has = has || purpose[i] == request fi }
  :: atomic { mail[i] == flying && troubles < MOST -> copies = copies - (purpose[i] == request && copies > 0);
       if :: troubles++; mail[i] = waiting                             /* refused for now */
          :: due == i -> mail[i] = dead; ask_about(purpose[i], i) fi }          /* for three days */
  :: atomic { mail[i] == dead -> mail[i] = waiting }                   /* requeued */
  :: atomic { mail[i] == flying || mail[i] == arrived -> is_due = due == i; due = (is_due -> 0 : due); /* StoreMail */
       if
       :: mail[i] == arrived && purpose[i] == request && is_due -> drop(); go_on(sent); may_have = true
       :: else ->                        /* refused, in doubt, or the turn is over */
            if :: is_due && troubles < MOST -> ask_about(purpose[i], DOUBT) :: else fi;
            may_have = may_have || purpose[i] == request && BUG != 9   /* 9: only what was SENT counts */
       fi; mail[i] = none; withdraw(); kept() }
  od }

proctype Timer() {
end:
  do
  :: atomic { timer && state != ended && BUG != 10 -> if            /* 10: its task is lost, and nothing sweeps for it */
       :: BUG == 2 && asked -> end_by(timer_only)                   /* 2: silence closes */
       :: WITH_BODY && reminders < MOST && !due && !trouble && FREE ->
          reminders++; if :: by_mail -> write(reminder) :: else fi
       :: else -> asked = (state != needs_input); timer = (BUG != 1) /* 1: not set again after a person was asked */
       fi; kept() }
  od }

proctype Others() {   /* the body and the officer */
end:
  do
  :: atomic { words < MOST && (state == ended || state != queued) -> words++;
       if
       :: state == ended && BUG != 4 -> call = call && BUG != 11 /* filed as late; 4: ends it anew; 11: the call is off */
       :: state != ended -> drop(); if :: go_on(accepted) :: go_on(needs_input) fi
       :: state != ended || BUG == 4 -> end_by(word)
       fi }
  :: atomic { state == needs_input -> drop(); go_on(accepted) }       /* input provided and forwarded */
  :: atomic { asked && decisions < MOST -> decisions++; asked = false; timer = true } /* keep waiting */
  :: atomic { asked && decisions < MOST -> decisions++; drop(); go_on(queued); by_mail = false } /* call instead */
  :: atomic { state == queued && !by_mail -> go_on(sent); may_have = true; has = true }     /* reached by telephone */
  :: atomic { trouble && agains < MOST && FREE -> agains++;       /* send it again */
       assert(trouble == DOUBT || mail[trouble] == dead || mail[trouble] == waiting); /* P9 nobody decides over what flies */
       if :: trouble != DOUBT -> mail[trouble] = none :: else fi; drop(); write(asks); copies = 0 }
  :: atomic { state != ended && (asked || BUG == 5) && may_have ->    /* 5: given up without being asked to decide */
       assert(asked);                    /* P5 who was not silent is not given up */
       end_by(decision) }
  :: atomic { state != ended && decisions == MOST -> end_by(decision); cancelled = true; withdraw() }
  :: atomic { call -> call = false; rung = true }
  od }

init { atomic { mail[1] = waiting; purpose[1] = request; run Mail(1); run Mail(2); run Timer(); run Others() };
  timeout -> assert(state == ended);     /* P6 nothing is forgotten */
  assert(!cancelled || !has || told && (by_mail || rung)) } /* P8 who may have it hears of its withdrawal */
