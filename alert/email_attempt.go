package alert

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// shortSpoken is a connection that ends when the other side has said too much: the library reads a line however long it is.
type shortSpoken struct {
	net.Conn
	left int
}

func (s *shortSpoken) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b[:min(len(b), s.left)])
	if s.left -= n; s.left <= 0 {
		return n, errors.New("the answer does not end")
	}
	return n, err
}

// attempt is one conversation with the server, and what became of each recipient.
type attempt struct {
	*email
	sender string
	body   *mail.Msg

	told   []string
	later  []refusal // refused for now
	never  []refusal // refused for good
	answer string    // when it took the message
}

type refusal struct {
	rcpt string
	err  error
}

// finalError is the server's refusal of the message itself.
type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

// run tells those who are missing. It returns an error when the conversation failed as a whole.
func (a *attempt) run(ctx context.Context, missing []string) (err error) {
	defer func() {
		if ctx.Err() != nil && err != nil {
			err = ctx.Err() // what broke is only its consequence
		}
	}()
	talk, hangUp := context.WithCancel(ctx)
	defer hangUp()
	client, err := a.client(func(ctx context.Context, network, addr string) (net.Conn, error) {
		wire, err := a.dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(talk, func() { wire.Close() }) // the library leaves it open after an error
		conn := &shortSpoken{wire, maxHeard}
		if !a.implicit {
			return conn, nil
		}
		secure := tls.Client(conn, a.tls)
		return secure, secure.HandshakeContext(ctx)
	})
	if err != nil {
		return err
	}
	session, err := client.DialToSMTPClientWithContext(talk)
	if err != nil {
		return err
	}
	return a.transact(session, missing)
}

func (a *attempt) client(dial mail.DialContextFunc) (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(a.port), mail.WithTimeout(a.timeout), mail.WithDialContextFunc(dial), mail.WithTLSConfig(a.tls)}
	if a.implicit || a.local {
		options = append(options, mail.WithTLSPolicy(mail.NoTLS)) // it is there already, or not needed
	} else {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if !a.password.IsZero() {
		options = append(options, mail.WithUsername(a.account), mail.WithPassword(a.password.Reveal()),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return mail.NewClient(a.host, options...)
}

// transact is one message in one transaction, to all who are accepted: one dead address keeps it from nobody else.
func (a *attempt) transact(s *smtp.Client, missing []string) error {
	if err := s.Mail("<" + address(a.sender) + ">"); err != nil {
		return err
	}
	var accepted []string
	for _, rcpt := range missing {
		err := s.Rcpt("<" + address(rcpt) + ">")
		reply, ok := errors.AsType[*textproto.Error](err)
		switch {
		case err == nil:
			accepted = append(accepted, rcpt)
		case !ok:
			return err
		case dead(reply):
			a.never = append(a.never, refusal{rcpt, err})
		default:
			a.later = append(a.later, refusal{rcpt, err})
		}
	}
	if len(accepted) == 0 {
		return nil
	}
	w, err := s.Data()
	if err == nil {
		if _, err = a.body.WriteTo(w); err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		if reply, ok := errors.AsType[*textproto.Error](err); ok && unfit(reply) {
			return &finalError{err}
		}
		return err
	}
	a.told = accepted
	if d, ok := w.(*smtp.DataCloser); ok {
		a.answer = d.ServerResponse()
	}
	_ = s.Quit() // it has taken the message
	return nil
}

// dead reports whether a server refuses a recipient for good (RFC 5321, 4.2.3): there is no such mailbox, or no mail may reach it.
// A refusal by policy (X.7 of RFC 3463: relaying denied, not authenticated) is a mistake that somebody may be mending.
func dead(r *textproto.Error) bool {
	switch r.Code {
	case 501, 550, 551, 552, 553, 555:
		return !strings.HasPrefix(r.Msg, "5.7.")
	}
	return false
}

// unfit reports whether a server will never take this text. A refusal by policy, or one that does not say why, may be that of the sender
// and be mended: Amazon SES says "554 Message rejected: Email address is not verified" after the text
// (https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html).
func unfit(r *textproto.Error) bool {
	return r.Code == 552 || r.Code/100 == 5 && strings.HasPrefix(r.Msg, "5.") && !strings.HasPrefix(r.Msg, "5.7.")
}

// address is what stands in the envelope: "Ops <ops@example.org>" is only for people.
func address(a string) string {
	if parsed, err := netmail.ParseAddress(a); err == nil {
		return parsed.Address
	}
	return a
}
