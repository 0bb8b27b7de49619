/** Fictional messages to and from customers; {names} are placeholders. */

/** Message templates; message.send fills in the {{names}}. */
export const TEMPLATES = {
  email: {
    name: "visit_confirmed",
    subject: "Booked: {{day}}",
    body: "Hello {{greet}},\n\n{{technician}} comes on {{day}} at {{time}}, for about {{length}}: {{work}}.\n\nShould that not suit you any more, a word by the evening before is enough.\n\nNell\nat the office",
  },
  sms: {
    name: "visit_confirmed_sms",
    body: "Hello {{greet}}. {{technician}} comes on {{day}} at {{time}}: {{work}}. To move it, just answer. Nell, office",
  },
} as const;

export const CONFIRMED_REPLIES = [
  "Thanks, {day} is fine.",
  "Perfect, see {technician} at {time}.",
  "That works. The side gate will be open.",
  "Thank you! Should I be out, the neighbor lets you in.",
  "Great. Could {technician} bring the receipt for last time, too?",
  "Noted, see you then.",
  "Wonderful, the kitchen windows need it.",
  "{time} is good. The dog stays inside.",
];

export const COMPANY_CONFIRMED_REPLIES = [
  "Noted. The front desk knows about {day}.",
  "Fine with us. Please sign in first, as always.",
  "{time} suits us. The side entrance is open by then.",
  "Thank you, it is in our calendar.",
  "Confirmed. Please ring at the back if the door is locked.",
  "That is fine. Could the invoice carry our order number again?",
  "Good. The big pane by the entrance needs it most.",
];

/** From customers who are contacted by phone. */
export const BOOKING_CALLS = [
  "{day} at {time} suits us. Please send {technician} again.",
  "{day} is fine. The side gate will be open.",
  "Good, {day}. You get a check when {technician} is here.",
  "Earlier would have been better, but {day} at {time} will do.",
  "{day} at {time} it is. Ring twice, please.",
];

/** Requests about a coming visit that are still unanswered. */
export const REQUESTS = [
  "Could we move {day} to the week after? I have to be out of town.",
  "Any chance of coming later than {time} on {day}? School run.",
  "Can you do the basement windows, too, on {day}? I forgot to say.",
  "Will {technician} have the long ladder along on {day}? The gable window is high up.",
];

interface CancellationMessages {
  /** The customer's message (`company`: of a company); null: we cancelled. */
  theirs: string | null;
  company: string | null;
  ours: string;
}

/** Messages about a cancelled visit, keyed by its cancel reason. */
export const CALLED_OFF: Record<string, CancellationMessages> = {
  "Customer is ill.": {
    theirs: "I am down with the flu, so {day} will not work, I am sorry.",
    company: "Half of our people are ill and we stay closed. Please skip {day}.",
    ours: "Get well soon! {day} is off the calendar; tell us when it suits you.",
  },
  "Bad weather forecast.": {
    theirs: null,
    company: null,
    ours: "Bad weather is forecast for {day}, so we take {time} off the calendar. We will call you with a new date.",
  },
  "Visitors in town that week.": {
    theirs: "I forgot that we have visitors that week. Can we leave out {day}?",
    company: "Head office is visiting that week. Can we leave out {day}?",
    ours: "No trouble at all, {day} is off the calendar. There is room in the weeks after.",
  },
  "Painters are late, windows are still taped.": {
    theirs: "The painters are late and every window is taped. {day} makes no sense yet.",
    company: "The painters are not done and the whole front is taped. {day} makes no sense yet.",
    ours: "Thanks for telling us in time. {day} is off; let us know when the tape is gone.",
  },
  "Wants to wait until the roofers are gone.": {
    theirs: "The roofers are still here and dust is everywhere. Can we skip {day} until they are gone?",
    company: "There is a scaffold in front of the glass until the roofers leave. Can we skip {day}?",
    ours: "Of course. {day} is off the calendar; a word from you and we come.",
  },
};

export const MISSED =
  "{technician} was at your door on {day} at {time} and nobody opened. Shall we find another day?";
export const MISSED_REPLIES = [
  "So sorry, I mixed up the days. Any morning next week is fine.",
  "My fault, I was held up. Please try again.",
  "Oh no, I had it down for the day after. Can we have another try?",
  "I was in the yard and did not hear the bell. I am sorry.",
];
export const COMPANY_MISSED_REPLIES = [
  "Sorry, nobody told the front desk. Please come again, we will pay for the extra trip.",
  "We had closed early that day. Our mistake; another day, please.",
];

export const PRAISE = [
  "The windows look wonderful, please thank {technician}.",
  "What a difference! We can see the garden again.",
  "{technician} was quick and friendly, thank you.",
  "Spotless, even the stairwell. See you next time.",
  "Just got home: it looks great. Thanks for wiping the sills.",
  "Best job in years. I told the people next door about you.",
];

export const ROOMS = ["kitchen", "living room", "upstairs", "front", "south", "dining room"];
export const STREAKS = [
  "There are streaks on the {room} windows, now that the sun is on them. Could {technician} have another look?",
  "We found smears on the {room} windows after {day}. That is not what we are used to.",
  "Sorry to complain, but the {room} windows are streaky.",
];
export const STREAKS_ANSWER =
  "I am sorry about the {room} windows. {technician} comes by in the next days and does them again, free of charge of course.";
export const STREAKS_GONE = "All clear now, thank you for coming back.";

interface PriceQuestion {
  /** Key of the offer it is about. */
  offer: string;
  ask: string;
  answer: string;
}

export const PRICES: readonly PriceQuestion[] = [
  {
    offer: "gutters",
    ask: "What do you take for clearing the gutters?",
    answer: "Gutters are {price} for the whole house, leaves removed.",
  },
  {
    offer: "solar",
    ask: "Do you rinse solar panels, too? There are {count}.",
    answer: "We do, for {price} a panel: {total} for the {count}. Pure water, no soap.",
  },
  {
    offer: "skylights",
    ask: "Could you do {count} skylights next time, and for how much?",
    answer: "Gladly: {price} a skylight, {total} for {count}.",
  },
  {
    offer: "screens",
    ask: "{count} screens here could do with a wash. What would that be?",
    answer: "{price} a screen, so {total} for {count}: taken out, washed and refitted.",
  },
];
export const PRICE_TAKEN = "Then please do that next time.";

export const LEAD_ANSWERS = [
  "Thank you for asking. From what you say it comes to about {price}; for a firm price we have a look first, which costs nothing.",
  "Thanks for calling. I would put it at {price}, give or take. Shall we come by and count the panes?",
  "Good to hear from you. Jobs like yours are {price} as a rule. Tell us a day, and we give you a firm price on the spot.",
];
export const LEAD_INTERESTED = [
  "That sounds fair. When could you come?",
  "All right, please have a look. Mornings are best.",
  "Good. Is there anything that I should move away from the windows?",
];
export const LEAD_LATER = "As agreed I will get back to you on {day}. Should it be urgent, just answer.";
export const LEAD_WELCOME = "Thank you for choosing us! We will call you about the first date.";

/** The customer's message about a lost lead, keyed by its lost reason. */
export const LEAD_LOST: Record<string, string> = {
  "Chose a cheaper offer.": "Thank you, but we have had a cheaper offer and took it.",
  "Brother-in-law does it now.": "My brother-in-law does it now, he has a ladder. Thanks anyway.",
  "Found somebody closer.": "We found somebody in our own town. Thank you all the same.",
  "Wanted it the same day.": "I needed it the same day, so somebody else did it. Thanks.",
};
